"""Definitions of all shapes: loops, states that nothing leads to, targets that aren't there, scopes within scopes."""

import json

from hypothesis import strategies as st

NAMES = ("A", "B", "C", "D", "E", "F/g", "H~i", "<J>", "K" * 40, "Läuft")


@st.composite
def scopes(draw, depth=2):
    """Draw what a `States` object and its start say."""
    names = draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=7, unique=True))
    targets = st.sampled_from([*names, *names, "Nowhere"])
    return {"StartAt": draw(targets), "States": {name: draw(states(targets, depth)) for name in names}}


@st.composite
def states(draw, targets, depth):
    kinds = ["Task", "Pass", "Wait", "Choice", "Succeed", "Fail"] + ["Parallel", "Map"] * (depth > 0)
    state = {"Type": draw(st.sampled_from(kinds))}
    match state["Type"]:
        case "Choice":
            rules = st.builds(lambda to: {"Variable": "$.n", "NumericEquals": 1, "Next": to}, targets)
            state["Choices"] = draw(st.lists(rules, min_size=1, max_size=4))
            if draw(st.booleans()):
                state["Default"] = draw(targets)
            return state
        case "Succeed" | "Fail":
            return state
        case "Parallel":
            state["Branches"] = draw(st.lists(scopes(depth - 1), min_size=1, max_size=3))
        case "Map":
            state["ItemProcessor"] = draw(scopes(depth - 1))
    if draw(st.booleans()):
        state["Next"] = draw(targets)
    else:
        state["End"] = True
    if state["Type"] in {"Task", "Parallel", "Map"}:
        catchers = st.builds(lambda to: {"ErrorEquals": ["States.ALL"], "Next": to}, targets)
        state["Catch"] = draw(st.lists(catchers, max_size=2))
    return state


def shuffled(value, random):
    """Return a value with the members of all objects in another order."""
    if isinstance(value, dict):
        members = list(value.items())
        random.shuffle(members)
        return {name: shuffled(member, random) for name, member in members}
    return [shuffled(member, random) for member in value] if isinstance(value, list) else value


def large(steps):
    """Return the text of a long machine as they are written: many catchers to one handler, fan-outs, loops."""
    names = [f"Step{number}" for number in range(steps)]
    to_handler = {"Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Handler"}]}
    work = {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke"}
    found = {}
    for number, name in enumerate(names):
        following = {"Next": names[number + 1] if number + 1 < steps else "Done"}
        if number % 12 == 5:
            again = {"Variable": "$.again", "BooleanEquals": True, "Next": names[max(number - 4, 0)]}
            skip = names[min(number + 3, steps - 1)]
            found[name] = {"Type": "Choice", "Choices": [again, {**again, **following}], "Default": skip}
        elif number % 12 == 8:
            branches = [
                {"StartAt": f"{name}a{b}", "States": {f"{name}a{b}": {**work, "Next": f"{name}b{b}"},
                 f"{name}b{b}": {"Type": "Pass", "End": True}}} for b in range(3)
            ]  # fmt: skip
            found[name] = {"Type": "Parallel", "Branches": branches, **following, **to_handler}
        elif number % 12 == 10:
            inner = {"StartAt": f"{name}m", "States": {f"{name}m": {**work, "End": True}}}
            found[name] = {"Type": "Map", "ItemProcessor": inner, **following, **to_handler}
        else:
            found[name] = {**work, **following, **to_handler}
    found |= {"Done": {"Type": "Succeed"}, "Handler": {"Type": "Fail"}}
    return json.dumps({"StartAt": names[0], "States": found}, indent=2)
