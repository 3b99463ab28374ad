"""The metadata that optimized integrations put beside a service's answer, where the answer comes from this server."""

import uuid
from email.utils import formatdate
from typing import Any


def sdk_metadata(body: str, content_type: str) -> dict[str, Any]:
    """Return SdkHttpMetadata and SdkResponseMetadata of a body that never went over HTTP."""
    request_id = str(uuid.uuid4())
    headers = {
        "x-amzn-RequestId": request_id,
        "connection": "keep-alive",
        "Content-Length": str(len(body.encode())),
        "Date": formatdate(usegmt=True),
        "Content-Type": content_type,
    }
    return {
        "SdkHttpMetadata": {
            "AllHttpHeaders": {name: [value] for name, value in headers.items()},
            "HttpHeaders": headers,
            "HttpStatusCode": 200,
        },
        "SdkResponseMetadata": {"RequestId": request_id},
    }
