"""All that the tasks of this server can call, put together and taken apart again."""

from collections.abc import Mapping

from stepwell.api.identity import DEFAULT_ACCOUNT, DEFAULT_REGION
from stepwell.api.server import Server
from stepwell.app.emulated import EMULATED
from stepwell.app.http_connections import HttpConnections
from stepwell.app.local_api import LocalApi
from stepwell.aws import AwsCalls, Manner, endpoint_of
from stepwell.integrations.aws.api_gateway import ApiGatewayIntegration
from stepwell.integrations.aws.dialects import OPTIMIZED_SERVICES
from stepwell.integrations.aws.jobs import with_jobs
from stepwell.integrations.aws.kubernetes import Clusters, KubernetesIntegration
from stepwell.integrations.aws.models import CallModels
from stepwell.integrations.aws.sdk import AwsSdkIntegration
from stepwell.integrations.events import EventsIntegration
from stepwell.integrations.functions import LocalFunctions
from stepwell.integrations.functions.remote import RemoteFunctions
from stepwell.integrations.http import HttpIntegration
from stepwell.integrations.lambda_api import LambdaIntegration
from stepwell.integrations.port import Integration
from stepwell.integrations.step_functions import StepFunctionsIntegration
from stepwell.outbound import AllowList, Outbound
from stepwell.runtime.bus.bus import Announcements
from stepwell.runtime.engine import Engine
from stepwell.settings import Settings


class Calls:
    """The integrations, with what they call through."""

    def __init__(self, settings: Settings, endpoint_url: str, environ: Mapping[str, str]) -> None:
        """`environ` says where services are, to us and to local functions."""
        self._environ = environ
        self._endpoint_url = endpoint_url
        self._functions = LocalFunctions(
            settings.functions,
            endpoint_url=endpoint_url,
            region=DEFAULT_REGION,
            account=DEFAULT_ACCOUNT,
            environ=environ,
        )
        self._api = LocalApi()
        self._aws = AwsCalls(environ, Manner(uses_credentials=settings.aws.services != EMULATED))
        self._connections = HttpConnections()
        self._events = EventsIntegration()
        self._services = AwsSdkIntegration(self._aws)
        self.models = CallModels(self._aws)
        self.outbound = Outbound(AllowList(settings.http.allow))
        """What calls addresses that users name."""
        self.forwarding: Announcements | None = None
        """How changes of status go to EventBridge at AWS, beside our own bus."""
        if settings.events.forward_status_changes:
            self.forwarding = Announcements(settings.events.forwarded_source)

    def served(self) -> dict[str, Integration]:
        """Return what serves which resources. Events go to our own bus unless EventBridge has an endpoint."""
        to_lambda = LambdaIntegration(self._functions, RemoteFunctions(self._aws))
        to_step_functions = StepFunctionsIntegration(self._api)
        services = with_jobs(self._aws)
        served: dict[str, Integration] = {
            **dict.fromkeys(OPTIMIZED_SERVICES, services),
            "eks": KubernetesIntegration(Clusters(self._aws, self.outbound), services),
            "function": to_lambda,
            "lambda": to_lambda,
            "apigateway": ApiGatewayIntegration(self._aws, self.outbound),
            "http": HttpIntegration(self._connections, self.outbound),
            "states": to_step_functions,
            "aws-sdk:sfn": to_step_functions,
            "aws-sdk": self._services,
        }
        if endpoint_of(self._environ, "EventBridge", "events") in {None, self._endpoint_url}:
            served["events"] = self._events
        return served

    async def start(self, engine: Engine, server: Server) -> None:
        """Start what runs by itself. The engine and the server are made after the integrations that call them."""
        self._api.connect(engine, server)
        self._connections.connect(server.connections)
        self._events.connect(server.bus)
        await self._functions.start()

    async def close(self) -> None:
        """Close all connections, and end the local functions."""
        await self._aws.close()
        await self.outbound.close()
        await self._functions.close()
