"""Names and ARNs: how they are built, which are valid, and what AWS says of those that aren't.

`arn:{partition}:states:{region}:{account}:stateMachine:{name}[:{version or alias}]`
`arn:{partition}:states:{region}:{account}:activity:{name}`
`arn:{partition}:states:{region}:{account}:execution:{state machine}:{execution}`
`arn:{partition}:states:{region}:{account}:express:{state machine}:{execution}:{uuid}`
"""

import re
from dataclasses import dataclass
from typing import NamedTuple

from stepwell.runtime.errors import RuntimeRefusal

STATE_MACHINE, ACTIVITY, EXECUTION = "stateMachine", "activity", "execution"
_FORBIDDEN_IN_NAMES = re.compile(
    '[\\s<>{}\\[\\]?*"#%\\\\^|~`$&,;:/\x00-\x1f\x7f-\x9f\ufffe\uffff\ud800-\udfff\U0010ffff]'
)
_ROLE = re.compile(r"arn:aws[a-z-]*:iam::\d{12}:role/\S+")
_PARTITIONS = {"cn-": "aws-cn", "us-gov-": "aws-us-gov", "us-iso-": "aws-iso", "us-isob-": "aws-iso-b"}
MAX_NAME_LENGTH = 80


class InvalidArn(RuntimeRefusal):
    """The text is no ARN of the kind that is asked for; it says why, in AWS's words."""


class InvalidRoleArn(RuntimeRefusal):
    """The text is not the ARN of an IAM role."""


class InvalidName(RuntimeRefusal):
    """The text can't name a state machine, an execution or an activity."""


class Arn(NamedTuple):
    """The parts of an ARN that matter here."""

    account: str
    type: str
    name: str
    """All that follows the resource type."""


@dataclass(frozen=True, slots=True)
class Scope:
    """The account and the region that a request speaks for: what it can see, and where it creates."""

    account: str
    region: str

    def state_machine_arn(self, name: str) -> str:
        """Return the ARN of a state machine of this name here."""
        return self._arn(STATE_MACHINE, name)

    def activity_arn(self, name: str) -> str:
        """Return the ARN of an activity of this name here."""
        return self._arn(ACTIVITY, name)

    def _arn(self, kind: str, name: str) -> str:
        return f"arn:{partition_of(self.region)}:states:{self.region}:{self.account}:{kind}:{name}"


def partition_of(region: str) -> str:
    """Return the partition that AWS has the region in."""
    for prefix, partition in _PARTITIONS.items():
        if region.startswith(prefix):
            return partition
    return "aws"


def account_of(arn: str) -> str:
    """Return the account that a resource belongs to."""
    return arn.split(":", 5)[4]


def region_of(arn: str) -> str:
    """Return the region that a resource is in."""
    return arn.split(":", 4)[3]


def execution_arn(state_machine_arn: str, name: str) -> str:
    """Return the ARN of an execution of a state machine."""
    return f"{state_machine_arn.replace(':stateMachine:', ':execution:', 1)}:{name}"


def express_arn(state_machine_arn: str, name: str, unique: str) -> str:
    """Return the ARN of an Express execution: names may come again, so a UUID goes with them."""
    return f"{state_machine_arn.replace(':stateMachine:', ':express:', 1)}:{name}:{unique}"


def parse_arn(text: str, *types: str) -> Arn:
    """Take an ARN apart; raise `InvalidArn` unless it names a resource of one of these types."""
    parts = text.split(":", 6)
    if parts[0] != "arn":
        raise InvalidArn(f"Invalid ARN prefix: {text}")
    if len(parts) < 7 or not (parts[1] and parts[3] and parts[4] and parts[6]):
        raise InvalidArn(f"Invalid ARN, expected arn:partition:states:region:account:type:name: {text}")
    if parts[2] != "states":
        raise InvalidArn(f"Service not valid in this context: {parts[2]}")
    if parts[5] not in types:
        raise InvalidArn(f"Resource type not valid in this context: {parts[5]}")
    return Arn(parts[4], parts[5], parts[6])


def check_name(name: str) -> None:
    """Raise `InvalidName` where AWS does: white space, wildcards, brackets, most punctuation, control characters."""
    if not name or len(name) > MAX_NAME_LENGTH or _FORBIDDEN_IN_NAMES.search(name):
        raise InvalidName(name)


def check_role_arn(text: str) -> None:
    """Raise `InvalidRoleArn` unless the text has the form of the ARN of an IAM role."""
    if _ROLE.fullmatch(text) is None:
        raise InvalidRoleArn(text)
