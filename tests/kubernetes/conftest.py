"""A cluster on loopback that the settings allow, and the integration that calls it."""

import asyncio
from dataclasses import replace

import pytest

from jobs.fake import request
from kubernetes.cluster import cluster_server
from stepwell.aws import AwsCalls
from stepwell.integrations.aws.kubernetes import Clusters, KubernetesIntegration
from stepwell.outbound import AllowList, Outbound


@pytest.fixture
def cluster(tmp_path):
    with cluster_server(tmp_path) as server:
        yield server


class World:
    """Plays what a task does, within one loop."""

    def __init__(self, cluster):
        self.cluster = cluster
        self.allowed = ["127.0.0.1"]
        self.slept = []

    def request(self, action, pattern="", parameters=None, *, redelivered=False, key=None):
        made = request(f"eks:{action}", self.cluster.parameters | (parameters or {}), pattern, redelivered=redelivered)
        return made if key is None else replace(made, idempotency_key=key)

    def play(self, scenario):
        """Return what a coroutine that is given the integration comes to."""

        async def run():
            aws, outbound = AwsCalls({}), Outbound(AllowList(self.allowed))
            try:
                return await scenario(KubernetesIntegration(Clusters(aws, outbound), None, self.sleep))
            finally:
                await aws.close()
                await outbound.close()

        return asyncio.run(run())

    def call(self, action, pattern="", parameters=None, **more):
        return self.play(lambda eks: eks.call(self.request(action, pattern, parameters, **more)))

    async def sleep(self, seconds):
        self.slept.append(seconds)
        await asyncio.sleep(0)


@pytest.fixture
def world(cluster, monkeypatch):
    for name in ("AWS_ENDPOINT_URL", "AWS_SESSION_TOKEN", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAMINE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    return World(cluster)
