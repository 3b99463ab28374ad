"""Write src/stepwell/api/models: what botocore's models of the services that we serve say about requests and errors.

The server validates requests from these files, so that botocore is needed to develop it but not to run it. Run this
after botocore has moved: `python tools/generate_api_model.py`.
"""

import json
import re
from pathlib import Path
from typing import Any

import botocore
from botocore.loaders import Loader

SERVICES = ("stepfunctions", "events", "scheduler")
TARGET = Path(__file__).parent.parent / "src" / "stepwell" / "api" / "models"
CONSTRAINTS = ("type", "min", "max", "pattern", "enum", "required", "sensitive")
IN_BYTES = "expressed as bytes in UTF-8"

# AWS lists the values of an enum in an order of its own; where it was recorded, it is here.
ENUM_ORDERS = {
    "ExecutionStatus": ["SUCCEEDED", "TIMED_OUT", "PENDING_REDRIVE", "ABORTED", "FAILED", "RUNNING"],
}

# What Python is to match, where it can't read AWS's pattern, or would need a time that grows exponentially.
MATCHES = {
    r"\p{ASCII}*": r"[\x00-\x7f]*",
    r"^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$": r"[\w\s.:/=+\-@]*",
    r"^[ \t]*[^\x00-\x1F:\x7F]+([ \t]+[^\x00-\x1F:\x7F]+)*[ \t]*$": r"\t*[^\x00-\x1F:\x7F][^\x00-\x08\x0A-\x1F:\x7F]*",
    r"^[ \t]*[\x20-\x7E]+([ \t]+[\x20-\x7E]+)*[ \t]*$": r"\t*[\x20-\x7E][\x20-\x7E\t]*",
}


def shape_of(name: str, model: dict[str, Any]) -> dict[str, Any]:
    """Return a shape with its constraints, without its documentation."""
    source = model["shapes"][name]
    shape = {key: source[key] for key in CONSTRAINTS if key in source}
    if "enum" in shape:
        shape["enum"] = ENUM_ORDERS.get(name, shape["enum"])
        assert sorted(shape["enum"]) == sorted(source["enum"]), f"the recorded order of {name} is out of date"
    if source.get("pattern") in MATCHES:
        shape["match"] = MATCHES[source["pattern"]]
    if "members" in source:
        shape["members"] = {member: reference["shape"] for member, reference in source["members"].items()}
    if "member" in source:
        shape["member"] = source["member"]["shape"]
    if source["type"] == "map":
        shape |= {part: source[part]["shape"] for part in ("key", "value")}
    return shape


def reachable(roots: list[str], model: dict[str, Any]) -> dict[str, Any]:
    """Return the shapes, and all that they are made of."""
    found: dict[str, Any] = {}
    waiting = list(roots)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found[name] = shape = shape_of(name, model)
            waiting += shape.get("members", {}).values()
            waiting += (shape[part] for part in ("member", "key", "value") if part in shape)
    return {name: found[name] for name in sorted(found)}


def shapes_in_bytes(inputs: list[str], model: dict[str, Any]) -> list[str]:
    """Return the shapes whose length is counted in bytes: the model says so of the members that have them."""
    members = [member for name in inputs for member in model["shapes"][name]["members"].values()]
    documented = {member["shape"] for member in members if IN_BYTES in plain(member.get("documentation", ""))}
    return sorted(documented)


def plain(documentation: str) -> str:
    """Return documentation without its markup."""
    return re.sub(r"<[^>]+>", "", documentation)


def rest_of(operation: dict[str, Any], model: dict[str, Any]) -> dict[str, Any]:
    """Return how a REST operation is called, and which members stand in the query, by their names there."""
    members = model["shapes"][operation["input"]["shape"]]["members"]
    query = {
        member["locationName"]: name for name, member in members.items() if member.get("location") == "querystring"
    }
    return {"http": {"method": operation["http"]["method"], "uri": operation["http"]["requestUri"], "query": query}}


def generate(service: str) -> dict[str, Any]:
    """Return the model of a service, as it is to be written."""
    model = Loader().load_service_model(service, "service-2")
    operations = {
        name: {
            "input": operation["input"]["shape"],
            "errors": sorted(e["shape"] for e in operation.get("errors", [])),
            **(rest_of(operation, model) if model["metadata"]["protocol"] == "rest-json" else {}),
        }
        for name, operation in sorted(model["operations"].items())
    }
    inputs = [operation["input"] for operation in operations.values()]
    shapes = reachable(inputs, model)
    for name in shapes_in_bytes(inputs, model):
        shapes[name]["bytes"] = True
    errors = {
        name: {
            "status": shape.get("error", {}).get("httpStatusCode", 400),
            "members": [member for member in shape["members"] if member != "message"],
        }
        for name, shape in sorted(model["shapes"].items())
        if shape.get("exception")
    }
    return {"botocore": botocore.__version__, "operations": operations, "shapes": shapes, "errors": errors}


if __name__ == "__main__":
    for each in SERVICES:
        (TARGET / f"{each}.json").write_text(json.dumps(generate(each), indent=1, sort_keys=False) + "\n")
