"""What `eks` calls that is no service of AWS but a cluster itself: `eks:call`, and `eks:runJob` with its Jobs."""

from stepwell.integrations.aws.kubernetes.clusters import Cluster, Clusters
from stepwell.integrations.aws.kubernetes.integration import KubernetesIntegration

__all__ = ["Cluster", "Clusters", "KubernetesIntegration"]
