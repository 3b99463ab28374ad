"""State machines that the browser is shown."""

from typing import Any

Json = dict[str, Any]


def passes(*names: str) -> Json:
    """A chain of Pass states."""
    states: Json = {}
    for name, after in zip(names, [*names[1:], None], strict=True):
        states[name] = {"Type": "Pass", **({"Next": after} if after else {"End": True})}
    return {"StartAt": names[0], "States": states}


def waits_for_activity(arn: str) -> Json:
    """A Task that waits for a worker that never comes, between two Pass states."""
    return {
        "StartAt": "Before",
        "States": {
            "Before": {"Type": "Pass", "Next": "Work"},
            "Work": {"Type": "Task", "Resource": arn, "Next": "After"},
            "After": {"Type": "Pass", "End": True},
        },
    }


def works_until_told(arn: str) -> Json:
    """A Task of an activity that is entered again and again, until its result says that it is enough."""
    return {
        "StartAt": "Work",
        "States": {
            "Work": {"Type": "Task", "Resource": arn, "Next": "Enough?"},
            "Enough?": {
                "Type": "Choice",
                "Choices": [{"Variable": "$.enough", "BooleanEquals": True, "Next": "Done"}],
                "Default": "Work",
            },
            "Done": {"Type": "Succeed"},
        },
    }


DECIDES: Json = {
    "Comment": "Fails for what is not ok: redriven or forked, it goes on.",
    "QueryLanguage": "JSONata",
    "StartAt": "Prepare",
    "States": {
        "Prepare": {"Type": "Pass", "Assign": {"who": "{% $states.input.who %}"}, "Next": "Is It Fine?"},
        "Is It Fine?": {
            "Type": "Choice",
            "Choices": [{"Condition": "{% $states.input.ok %}", "Next": "Done"}],
            "Default": "Not Fine",
        },
        "Not Fine": {"Type": "Fail", "Error": "NotFine", "Cause": "It was not ok."},
        "Done": {"Type": "Pass", "Output": {"hello": "{% $who %}"}, "End": True},
    },
}

CATCHES: Json = {
    "StartAt": "Both",
    "States": {
        "Both": {
            "Type": "Parallel",
            "Branches": [
                {"StartAt": "Fails", "States": {"Fails": {"Type": "Fail", "Error": "Odd", "Cause": "It is."}}}
            ],
            "Catch": [{"ErrorEquals": ["Even"], "Next": "Done"}, {"ErrorEquals": ["Odd"], "Next": "Mend"}],
            "Next": "Done",
        },
        "Mend": {"Type": "Pass", "Next": "Done"},
        "Done": {"Type": "Succeed"},
    },
}

EACH: Json = {
    "StartAt": "Each",
    "States": {
        "Each": {
            "Type": "Map",
            "ItemsPath": "$.items",
            "ItemProcessor": {
                "ProcessorConfig": {"Mode": "INLINE"},
                "StartAt": "A Number?",
                "States": {
                    "A Number?": {
                        "Type": "Choice",
                        "Choices": [{"Variable": "$", "IsNumeric": True, "Next": "Take"}],
                        "Default": "Refuse",
                    },
                    "Take": {"Type": "Pass", "End": True},
                    "Refuse": {"Type": "Fail", "Error": "NoNumber"},
                },
            },
            "End": True,
        }
    },
}

ENDLESS: Json = {
    "StartAt": "Again",
    "States": {
        "Again": {"Type": "Pass", "Next": "Enough?"},
        "Enough?": {
            "Type": "Choice",
            "Choices": [{"Variable": "$.enough", "IsPresent": True, "Next": "Done"}],
            "Default": "Again",
        },
        "Done": {"Type": "Succeed"},
    },
}
"""It ends at the bound of a history: 25,000 events."""

HOSTILE = (
    "<img src=x onerror=document.title='owned'>",
    '"><script>document.title="owned"</script>',
    "exe\u202egnp.evil",
    "a/b~c</text>",
)


def hostile() -> Json:
    """State names that a careless page would run, or show as what they aren't."""
    return passes(*HOSTILE)


def large(groups: int = 20) -> Json:
    """17 states a group: a Parallel of two branches with a Map in one, a Choice, a catcher to one handler."""
    states: Json = {"Handler": {"Type": "Fail", "Error": "Handled"}}
    for group in range(groups):
        after = f"Begin {group + 1}" if group + 1 < groups else "Handler"
        states |= _group(group, after)
    return {"StartAt": "Begin 0", "States": states}


def _group(number: int, after: str) -> Json:
    def name(text: str) -> str:
        return f"{text} {number}"

    each = {"ProcessorConfig": {"Mode": "INLINE"}, **passes(name("Read"), name("Change"), name("Write"))}
    mapped = {"StartAt": name("Each"), "States": {name("Each"): {"Type": "Map", "ItemProcessor": each, "End": True}}}
    return {
        name("Begin"): {"Type": "Pass", "Result": [1, 2], "Next": name("Both")},
        name("Both"): {
            "Type": "Parallel",
            "Branches": [mapped, passes(*(name(f"Step {letter}") for letter in "ABCDE"))],
            "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Handler"}],
            "Next": name("Which?"),
        },
        name("Which?"): {
            "Type": "Choice",
            "Choices": [
                {"Variable": "$[0]", "IsPresent": True, "Next": name("Left")},
                {"Variable": "$[1]", "IsPresent": True, "Next": name("Right")},
            ],
            "Default": name("Left"),
        },
        name("Left"): {"Type": "Pass", "Next": name("Rest")},
        name("Right"): {"Type": "Pass", "Next": name("Rest")},
        name("Rest"): {"Type": "Pass", "Next": name("More")},
        name("More"): {"Type": "Pass", "Next": name("End")},
        name("End"): {"Type": "Pass", "Next": after},
    }


def count_states(definition: Json) -> int:
    """Return how many states there are, at any depth."""
    total = 0
    for state in definition["States"].values():
        inner = [*state.get("Branches", []), *([state["ItemProcessor"]] if "ItemProcessor" in state else [])]
        total += 1 + sum(map(count_states, inner))
    return total
