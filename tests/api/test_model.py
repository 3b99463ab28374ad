"""The committed model against the one that the generator makes now."""

import importlib.util
import json
from pathlib import Path

import botocore
import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(params=["stepfunctions", "events"])
def service(request):
    return request.param


@pytest.fixture
def generated(service):
    spec = importlib.util.spec_from_file_location("generate_api_model", ROOT / "tools" / "generate_api_model.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.generate(service)


@pytest.fixture
def committed(service):
    return json.loads((ROOT / "src" / "stepwell" / "api" / "models" / f"{service}.json").read_text())


def test_the_committed_model_is_what_the_generator_makes(generated, committed):
    if committed["botocore"] == botocore.__version__:
        assert committed == generated
    for part in ("operations", "shapes", "errors"):
        assert set(committed[part]) <= set(generated[part])


@pytest.mark.parametrize("service", ["stepfunctions"])
def test_the_recorded_order_of_an_enum_has_all_its_values(generated):
    assert generated["shapes"]["ExecutionStatus"]["enum"][0] == "SUCCEEDED"
    assert len(generated["shapes"]["ExecutionStatus"]["enum"]) == 6
