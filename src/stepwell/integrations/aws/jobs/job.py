"""What there is to know of a kind of job, as data, and the few pure functions that read it.

Everything is named as states see it, in PascalCase: parameters, answers, paths. A path (`Tasks.0.TaskArn`) leads into
a value, and an empty one is the whole. In a template a text `{Name}` stands for what the job's reference has by that
name.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

KEY = "{idempotency key}"
"""In a mark: the task's idempotency key."""
TASK_MARK = "stepwell:task"
TASK_ARGUMENT = "--stepwell-task"
TASK_ANNOTATION = "stepwell/task"
"""The tag, the argument, or the annotation, by which a job is known as this task's."""
ROLE = "@RoleArn"
"""Beside a job's reference: the role as which it was submitted."""

Reference = Mapping[str, str]
"""What names one job to its service: noted when the job was submitted, and enough to describe and to stop it."""


@dataclass(frozen=True, slots=True)
class Call:
    """An operation, and the template of its parameters."""

    operation: str
    parameters: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Mark:
    """Something that is put into a request, unless it is there: at a path, by a name, in one of AWS's three forms.

    `form` is "map" for `{name: value}`; else a list has `{form: name, "Value": value}`: "Name" or "Key".
    """

    path: str
    form: str
    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Find:
    """How a job is found again whose submission may not have been noted: by the key that it was marked with.

    The listing's template is filled from the request. An item is ours if the key is in it, or in the answer to `proof`,
    whose template is filled from the item and the reference.
    """

    listing: Call
    items: str
    reference: Mapping[str, str]
    """The job's reference: name -> path in the item."""
    same: Mapping[str, str] = field(default_factory=dict)
    """What has to be alike for an item to be looked at: member of the item -> member of the request."""
    page: str = ""
    """The member that leads from page to page, in answers and requests alike."""
    proof: Call | None = None
    absent: frozenset[str] = frozenset()
    """The errors by which the listing says that there is nothing."""


@dataclass(frozen=True, slots=True)
class Job:
    """One kind of job."""

    reference: Mapping[str, str]
    """What names the job: name -> path in the answer to the submission, or else in the request."""
    describe: Call
    status: str
    """The path of the status in the description."""
    going_on: frozenset[str]
    succeeded: frozenset[str]
    failed: frozenset[str]
    result: str = ""
    """The path of what the state gets, in the description."""
    named: str = ""
    """The name under which the state gets it, where it is not alone."""
    kept: tuple[str, ...] = ()
    """Names of the reference that the result has as well."""
    went_well: Callable[[Any], bool] | None = None
    """Whether a result whose status is well is so in truth."""
    ends_gone: bool = False
    """Whether a job is well ended once the service knows the thing no more."""
    stop: Call | None = None
    recognised_by: str = ""
    """The member of the request by which the service itself knows a submission that comes again."""
    marks: Sequence[Mark] = ()
    defaults: Mapping[str, str] = field(default_factory=dict)
    """Members of the request that are set unless the state sets them."""
    find: Find | None = None
    again: frozenset[str] = frozenset()
    """Errors that say, when a submission comes again, that the first one has taken effect."""

    @property
    def is_known_again(self) -> bool:
        """Whether a submission may come again without a second job."""
        return bool(self.recognised_by or self.find or self.again)

    def answer_for(self, reference: Reference) -> dict[str, str]:
        """Return as much of the answer to the submission as names a job that was found."""
        return {path: reference[name] for name, path in self.reference.items()}


def words(names: str) -> frozenset[str]:
    """Return the words of a text."""
    return frozenset(names.split())


def at(value: Any, path: str) -> Any:
    """Return what a path leads to, or None where it leads nowhere."""
    for part in path.split(".") if path else ():
        if isinstance(value, list) and part.isdigit():
            value = value[int(part)] if int(part) < len(value) else None
        elif isinstance(value, dict):
            value = value.get(part)
        else:
            return None
    return value


def filled(template: Any, values: Mapping[str, Any]) -> Any:
    """Return a template with its names filled in; members that have no value are left out."""
    match template:
        case str() if template.startswith("{") and template.endswith("}"):
            return values.get(template[1:-1])
        case Mapping():
            members = {name: filled(item, values) for name, item in template.items()}
            return {name: item for name, item in members.items() if item is not None}
        case list():
            return [filled(item, values) for item in template]
    return template


def referred(paths: Mapping[str, str], *sources: Any) -> dict[str, str]:
    """Return a reference: of each path what the first source has that has any."""
    found = {name: next((at(each, path) for each in sources if at(each, path) is not None), None)
             for name, path in paths.items()}  # fmt: skip
    return {name: value for name, value in found.items() if isinstance(value, str)}


def prepared(job: Job, parameters: Mapping[str, Any], key: str) -> dict[str, Any]:
    """Return a request with what AWS adds, and with what makes this task's submission known when it comes again."""
    request = {**job.defaults, **parameters}
    if job.recognised_by:
        request.setdefault(job.recognised_by, key)
    for mark in job.marks:
        name, _, rest = mark.path.partition(".")
        request[name] = _marked(request.get(name), rest, mark, mark.value.replace(KEY, key))
    return request


def unmarked(value: Any) -> Any:
    """Return what a service says of a job without what this task's submission is known by."""
    if isinstance(value, dict):
        ours = (TASK_MARK, TASK_ARGUMENT, TASK_ANNOTATION, f"f:{TASK_ANNOTATION}")
        return {name: unmarked(item) for name, item in value.items() if name not in ours}
    if isinstance(value, list):
        return [unmarked(item) for item in value if at(item, "Key") != TASK_MARK]
    return value


def _marked(value: Any, path: str, mark: Mark, text: str) -> Any:
    if path:
        within = {} if value is None else value
        name, _, rest = path.partition(".")
        return {**within, name: _marked(within.get(name), rest, mark, text)} if isinstance(within, dict) else value
    if mark.form == "map":
        within = {} if value is None else value
        return {mark.name: text, **within} if isinstance(within, dict) else value
    within = [] if value is None else value
    if not isinstance(within, list) or any(at(item, mark.form) == mark.name for item in within):
        return value
    return [*within, {mark.form: mark.name, "Value": text}]
