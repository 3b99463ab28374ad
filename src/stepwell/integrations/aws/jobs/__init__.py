"""`.sync`: a job is submitted to its service, and the state waits until it has ended.

What is to know of each kind of job are rows (`table.py`, `clusters.py`); what is done with a row is the same for all
(`integration.py`). A job is known by its reference, which is noted with the submission: from then on it is described
again and again, also after a restart, and never submitted a second time. For a crash between the submission and the
note there are three ways, whichever a service allows: the task's idempotency key as the service's own client token; the
key as a mark on the job (a tag, an argument), by which it is looked for before it is submitted again; or a submission
that does nothing the second time. `docs/jobs.md` says which it is for each.
"""

from stepwell.aws import AwsCalls
from stepwell.integrations.aws.calls import ServiceCalls
from stepwell.integrations.aws.jobs import clusters, table
from stepwell.integrations.aws.jobs.integration import JobsIntegration
from stepwell.integrations.aws.jobs.job import Job
from stepwell.integrations.aws.optimized import OptimizedIntegration

JOBS: dict[str, dict[str, Job]] = {**table.SERVICES, **clusters.SERVICES}
"""Service -> action -> its job."""


def with_jobs(aws: AwsCalls) -> JobsIntegration:
    """Return what serves the optimized integrations, their jobs included."""
    return JobsIntegration(JOBS, OptimizedIntegration(aws), ServiceCalls(aws))


__all__ = ["JOBS", "JobsIntegration", "with_jobs"]
