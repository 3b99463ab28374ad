"""`stepwell.toml`: what is declared about a server, checked.

    [functions]
    folder = "functions"          # optional: every module in it with a `handler` is a function, named like the module

    [functions.check-name]
    handler = "data_checking.check_name"
    path = "services"             # the folder to import from, relative to this file; default "."
    timeout = 30                  # seconds that an invocation may take; default 60
    memory = 512                  # MiB that a worker may allocate, held to on Linux; default: no limit
    concurrency = 4               # workers at most; default 4
    environment = { KEY = "value" }

    [logs]
    destination = "auto"          # of execution logs: "files", "stdout", "cloudwatch"; "auto" is CloudWatch Logs where
                                  # the environment names an endpoint of it, else files, in memory standard output

    [http]
    allow = ["127.0.0.0/8", "billing.internal", "*.corp.example"]
                                  # what may be called beside public addresses, and over plain http: addresses, networks
                                  # and names of hosts; default: nothing

    [aws]
    services = "aws"              # where Tasks find services: "aws" is AWS, or what the environment's endpoints name;
                                  # "emulated" is moto's server, which is started beside this one
    emulated_port = 8084          # where that listens; 0: any free port

    [events]
    forward_status_changes = true # changes of executions' status go to EventBridge at AWS, too; default: false
    forwarded_source = "stepwell.states"
                                  # their source there: EventBridge takes "aws.states" from AWS alone

What is not known here is refused: a misspelt key would else be a default that nobody meant.
"""

import ast
import re
import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

import msgspec
from msgspec import Meta, Struct, structs

from stepwell.integrations.functions import FunctionSettings
from stepwell.outbound.addresses import AllowList, UnusableEntry

FILE_NAME = "stepwell.toml"
MAX_FUNCTIONS = 1_000
_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
_RESERVED = re.compile(r"AWS_LAMBDA_.*|_HANDLER|_X_AMZN_TRACE_ID|AWS_EXECUTION_ENV|LAMBDA_TASK_ROOT")
# msgspec's message, and where in the value it is: "Expected `int`, got `str` - at `$.timeout`".
_PLACE = re.compile(r"(?P<what>.*?)(?: - at `\$\.?(?P<key>.*)`)?", re.DOTALL)


class SettingsError(Exception):
    """The settings can't be used; the message says which file and key, and what to do."""

    def __init__(self, file: Path, key: str, problem: str) -> None:
        super().__init__(f"{file}: {key}: {problem}" if key else f"{file}: {problem}")


class LogSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """What the section [logs] says."""

    destination: Literal["auto", "files", "stdout", "cloudwatch"] = "auto"


class HttpSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """What the section [http] says."""

    allow: list[str] = []


class AwsSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """What the section [aws] says."""

    services: Literal["aws", "emulated"] = "aws"
    emulated_port: Annotated[int, Meta(ge=0, le=65_535)] = 8084


class EventSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """What the section [events] says."""

    forward_status_changes: bool = False
    forwarded_source: Annotated[str, Meta(min_length=1, max_length=256)] = "stepwell.states"


class Settings(Struct, frozen=True):
    """What a settings file says, complete with the defaults. Folders are absolute."""

    functions: dict[str, FunctionSettings] = {}
    logs: LogSettings = LogSettings()
    http: HttpSettings = HttpSettings()
    aws: AwsSettings = AwsSettings()
    events: EventSettings = EventSettings()


_Section = TypeVar("_Section", bound=Struct)


def load_settings(path: Path | None) -> Settings:
    """Read a settings file; without one, `stepwell.toml` of the working directory if it is there, else the defaults."""
    if path is None:
        path = Path(FILE_NAME)
        if not path.exists():
            return Settings()
    try:
        sections = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(path, "", f"can't be read: {error.strerror}. Give the path of a settings file.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(path, "", f"is not TOML: {error}. Mend that place.") from error
    functions = _functions(path, sections.pop("functions", {}))
    logs = _logs(path, sections.pop("logs", {}))
    http = _http(path, sections.pop("http", {}))
    aws = _aws(path, sections.pop("aws", {}))
    events = _events(path, sections.pop("events", {}))
    for unknown in sections:
        known = ", ".join(f"[{section}]" for section in Settings.__struct_fields__)
        raise SettingsError(path, unknown, f"is no section of this file. Remove it; there are {known}.")
    return Settings(functions, logs, http, aws, events)


def _section(file: Path, name: str, value: Any, kind: type[_Section], expected: str) -> _Section:
    """Return a section as its settings; `expected` says what it may have."""
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        what, key = _what_and_where(error)
        raise SettingsError(file, f"{name}.{key}" if key else name, f"{what}. {expected}") from error


def _logs(file: Path, section: Any) -> LogSettings:
    expected = 'It has destination, one of "auto", "files", "stdout" and "cloudwatch".'
    return _section(file, "logs", section, LogSettings, expected)


def _events(file: Path, section: Any) -> EventSettings:
    expected = "It has forward_status_changes, true or false, and forwarded_source, a text."
    return _section(file, "events", section, EventSettings, expected)


def _aws(file: Path, section: Any) -> AwsSettings:
    expected = 'It has services, one of "aws" and "emulated", and emulated_port, a number up to 65535.'
    return _section(file, "aws", section, AwsSettings, expected)


def _http(file: Path, section: Any) -> HttpSettings:
    expected = 'It has allow, a list of texts like "127.0.0.0/8" and "billing.internal".'
    settings = _section(file, "http", section, HttpSettings, expected)
    try:
        AllowList(settings.allow)
    except UnusableEntry as entry:
        problem = f"'{entry}' is no address, no network and no name of a host. Write 10.1.2.3, 10.0.0.0/8 or a name."
        raise SettingsError(file, "http.allow", problem) from None
    return settings


def _functions(file: Path, section: Any) -> dict[str, FunctionSettings]:
    if not isinstance(section, dict):
        raise SettingsError(
            file, "functions", 'must be a table. Write [functions.NAME] with handler = "module.function".'
        )
    found: dict[str, FunctionSettings] = {}
    for name, value in section.items():
        if name == "folder":
            continue
        found[name] = _function(file, name, value)
    if "folder" in section:
        # What is declared wins over what is found.
        found = _discover(file, section["folder"]) | found
    if len(found) > MAX_FUNCTIONS:
        raise SettingsError(file, "functions", f"are {len(found)}, more than {MAX_FUNCTIONS}. Use several servers.")
    return found


def _function(file: Path, name: str, value: Any) -> FunctionSettings:
    key = f"functions.{name}"
    if not _NAME.fullmatch(name):
        raise SettingsError(file, key, "is no name of a function: use 1 to 64 letters, digits, - and _.")
    try:
        settings = msgspec.convert(value, FunctionSettings)
    except msgspec.ValidationError as error:
        what, inner = _what_and_where(error)
        raise SettingsError(file, f"{key}.{inner}" if inner else key, f"{what}. {_expected()}") from error
    for variable in settings.environment:
        if _RESERVED.fullmatch(variable):
            raise SettingsError(file, f"{key}.environment.{variable}", "is set by the runtime. Use another name.")
    return structs.replace(settings, path=str(_folder(file, f"{key}.path", settings.path)))


def _what_and_where(error: msgspec.ValidationError) -> tuple[str, str]:
    place = _PLACE.fullmatch(str(error))
    assert place is not None
    return place["what"], place["key"] or ""


def _expected() -> str:
    return f'A function has {", ".join(FunctionSettings.__struct_fields__)}; handler is a text like "module.function".'


def _folder(file: Path, key: str, text: str) -> Path:
    folder = (file.parent / text).resolve()
    if not folder.is_dir():
        raise SettingsError(
            file, key, f"{folder} is no folder. Create it, or name another; it is relative to this file."
        )
    return folder


def _discover(file: Path, text: Any) -> dict[str, FunctionSettings]:
    if not isinstance(text, str):
        raise SettingsError(file, "functions.folder", "must be a text: the folder with the modules of the functions.")
    folder = _folder(file, "functions.folder", text)
    modules = [path for path in folder.glob("*.py") if _NAME.fullmatch(path.stem) and _has_handler(path)]
    packages = [path.parent for path in folder.glob("*/__init__.py") if _has_handler(path)]
    names = sorted(path.stem for path in [*modules, *packages] if path.stem.isidentifier())
    return {name: FunctionSettings(f"{name}.handler", path=str(folder)) for name in names}


def _has_handler(path: Path) -> bool:
    try:
        module = ast.parse(path.read_bytes())
    except (SyntaxError, ValueError):
        # Nobody can tell; as a function it says what is wrong when it is invoked, as on Lambda.
        return True
    return any(_defines_handler(statement) for statement in module.body)


def _defines_handler(statement: ast.stmt) -> bool:
    match statement:
        case ast.FunctionDef(name="handler"):
            return True
        case ast.Assign(targets=targets):
            return any(isinstance(target, ast.Name) and target.id == "handler" for target in targets)
        case ast.ImportFrom(names=names):
            return any((alias.asname or alias.name) == "handler" for alias in names)
        case _:
            return False
