"""The API of Amazon EventBridge: which function answers which operation."""

from stepwell.api.model import EVENT_BRIDGE
from stepwell.api.service import Handler, Service

_HANDLERS: dict[str, Handler] = {}

SERVICE = Service(
    name="Amazon EventBridge",
    target="AWSEvents",
    content_type=b"application/x-amz-json-1.1",
    model=EVENT_BRIDGE,
    handlers=_HANDLERS,
)
