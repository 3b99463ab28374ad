"""Calling the services of AWS, or of whatever speaks their APIs: the one place that knows aiobotocore.

Credentials, profile and endpoints are found where AWS's SDKs find them: AWS_ACCESS_KEY_ID, AWS_PROFILE, the files in
~/.aws, the metadata of the machine; AWS_ENDPOINT_URL and AWS_ENDPOINT_URL_<SERVICE>. Where an endpoint is named and
there are no credentials, the endpoint is an emulator's: it gets the account's twelve digits as access key.

aiobotocore is imported with the first call, off the event loop.
"""

from stepwell.aws.calls import AwsCalls, Manner, Reply
from stepwell.aws.endpoints import endpoint_of
from stepwell.aws.errors import AnswerTooLarge, AwsError, AwsUnreachable, NoCredentials, NoSuchCall, RoleNotAssumed

__all__ = [
    "AnswerTooLarge",
    "AwsCalls",
    "AwsError",
    "AwsUnreachable",
    "Manner",
    "NoCredentials",
    "NoSuchCall",
    "Reply",
    "RoleNotAssumed",
    "endpoint_of",
]
