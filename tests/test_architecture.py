"""The import table of ARCHITECTURE.md, and the few measures that keep the code readable, held by tests."""

import ast
from collections.abc import Iterator
from pathlib import Path
from statistics import median

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "src" / "stepwell"

# Package -> what of ours it may import. `integrations.port` is the port that the runtime sees of the integrations.
MAY_IMPORT = {
    "language": set(),
    "graph": {"language"},
    "machine": {"language"},
    "events": {"language"},
    "storage": {"machine"},
    "aws": set(),
    "integrations": {"language", "aws", "outbound"},
    "logs": {"aws"},
    "outbound": set(),
    "worker": set(),
    "testing": {"language", "machine"},
    "runtime": {
        *("language", "machine", "events", "testing", "storage"),
        *("integrations.port", "integrations.registry", "logs.port"),
    },
    "api": {"runtime", "language", "events", "testing"},
    "console": {"graph", "language", "machine", "testing", "runtime", "api"},
    "settings": {"integrations.functions", "outbound"},
    "app": {
        *("language", "machine", "storage", "aws", "integrations", "logs", "outbound"),
        *("runtime", "api", "console", "settings"),
    },
    "cli": {
        *("language", "graph", "machine", "storage", "aws", "integrations", "logs", "outbound"),
        *("runtime", "api", "settings", "app", "worker"),
    },
}
STORES = {"storage.memory", "storage.sqlite"}
IMPURE = {"asyncio", "threading", "time", "random", "uuid", "socket", "sqlite3", "logging", "os", "subprocess"}
LONGEST_FILE = 400
LONGEST_FUNCTION = 60


def modules(package: str) -> list[Path]:
    """Return the files of a package, or the one file that it is."""
    file = PACKAGE / f"{package}.py"
    return [file] if file.exists() else sorted((PACKAGE / package).rglob("*.py"))


def imports(path: Path) -> Iterator[str]:
    """Yield the dotted names that a file imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def is_within(name: str, allowed: set[str]) -> bool:
    return any(name == known or name.startswith(f"{known}.") for known in allowed)


def test_every_package_is_in_the_table():
    found = {path.stem for path in PACKAGE.iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()}
    assert found - {"__init__"} == set(MAY_IMPORT)


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_imports_run_one_way(package):
    allowed = MAY_IMPORT[package] | {package}
    for path in modules(package):
        for name in imports(path):
            ours = name.removeprefix("stepwell.")
            if ours not in {name, "__version__"}:
                assert is_within(ours, allowed), f"{path.relative_to(ROOT)} imports {name}"


@pytest.mark.parametrize("package", ["runtime", "api"])
def test_only_the_composition_root_knows_which_store_there_is(package):
    for path in modules(package):
        for name in imports(path):
            assert not is_within(name.removeprefix("stepwell."), STORES), f"{path.relative_to(ROOT)} imports {name}"


@pytest.mark.parametrize("package", ["language", "graph", "machine", "events"])
def test_the_pure_core_has_no_clock_no_chance_and_no_io(package):
    for path in modules(package):
        for name in imports(path):
            assert name.split(".")[0] not in IMPURE, f"{path.relative_to(ROOT)} imports {name}"


def test_files_are_short():
    lengths = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in PACKAGE.rglob("*.py")}
    longest = max(lengths, key=lengths.__getitem__)
    assert lengths[longest] <= LONGEST_FILE, f"{longest.relative_to(ROOT)} has {lengths[longest]} lines"
    assert median(length for length in lengths.values() if length > 5) <= 170


def test_functions_fit_a_screen():
    lengths = []
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                length = (node.end_lineno or node.lineno) - node.lineno + 1
                lengths.append(length)
                assert length <= LONGEST_FUNCTION, f"{path.relative_to(ROOT)}: {node.name} has {length} lines"
    assert sum(length <= 30 for length in lengths) / len(lengths) >= 0.9
