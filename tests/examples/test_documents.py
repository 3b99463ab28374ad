"""What the documents say can be checked where it is about names: links, operations, options, settings, snippets."""

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import msgspec
import pytest

from stepwell.api.model import STEP_FUNCTIONS
from stepwell.cli import main
from stepwell.integrations.functions import FunctionSettings
from stepwell.language.validation import diagnose

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("examples/**/*.md")])
STARTED = (ROOT / "docs" / "getting-started.md").read_text()


def names(documents):
    return [str(document.relative_to(ROOT)) for document in documents]


def snippets(text, language):
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


def anchors(document):
    headings = re.findall(r"^#+ (.+)$", re.sub(r"```.*?```", "", document.read_text(), flags=re.DOTALL), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("document", DOCUMENTS, ids=names(DOCUMENTS))
def test_every_link_within_the_project_leads_somewhere(document):
    for target in re.findall(r"\]\(([^)\s]+)\)", document.read_text()):
        if "://" in target:
            continue
        path, _, anchor = target.partition("#")
        file = (document.parent / path).resolve() if path else document
        assert file.exists(), f"{document}: {target}"
        assert not anchor or anchor in anchors(file), f"{document}: {target}"


def test_every_page_of_the_site_is_in_its_navigation_and_on_its_first_page():
    navigation = (ROOT / "mkdocs.yml").read_text()
    first = ROOT / "docs" / "index.md"
    for page in (ROOT / "docs").rglob("*.md"):
        name = page.relative_to(ROOT / "docs")
        assert f": {name}\n" in navigation
        assert f"]({name})" in first.read_text() or page == first


@pytest.mark.parametrize("operation", sorted(STEP_FUNCTIONS.operations))
def test_every_operation_is_mentioned(operation):
    text = (ROOT / "docs" / "api.md").read_text()
    families = ("StateMachineAlias", "StateMachineVersion")  # "all of …StateMachineVersion(s)"
    assert f"`{operation}`" in text or any(family in operation for family in families)


@pytest.mark.parametrize("name", sorted(main.commands))
def test_every_command_and_option_is_explained(name):
    text = (ROOT / "docs" / "cli.md").read_text()
    section = text.split(f"## stepwell {name}\n")[1].split("\n## ")[0]
    for parameter in main.commands[name].params:
        for option in (option for option in parameter.opts if option.startswith("--")):
            assert option in section


def test_every_setting_of_a_function_is_explained():
    text = (ROOT / "docs" / "functions.md").read_text()
    assert all(f"| `{field.name}` |" in text for field in msgspec.structs.fields(FunctionSettings))


def test_the_snippets_of_the_first_steps_work(tmp_path):
    (definition,) = (text for text in snippets(STARTED, "json") if "StartAt" in text)
    assert diagnose(definition).diagnostics == ()
    (settings,) = snippets(STARTED, "toml")
    assert tomllib.loads(settings)["functions"]
    (tmp_path / "greet.asl.json").write_text(definition)
    (tmp_path / "stepwell.toml").write_text(settings)
    (tmp_path / "greet.py").write_text(next(text for text in snippets(STARTED, "python") if "def handler" in text))
    command = [Path(sys.executable).with_name("stepwell"), "run", "greet.asl.json", "--input", '{"name": "World"}']
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
    assert (run.returncode, json.loads(run.stdout)) == (0, {"text": "Hello, World"})
