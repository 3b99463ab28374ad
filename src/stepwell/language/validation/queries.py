"""The checks of JSONata expressions: that they parse, and refer to nothing that can't be there.

An expression has no context of its own: what is not `$states` or a variable leads nowhere, and AWS refuses it when the
definition is made. Which members `$states` has depends on the field. A variable that nobody assigns is no problem, and
neither is `$eval`: these show when the state runs.
"""

from typing import Any

from stepwell.language.diagnostics import (
    ERROR,
    INVALID_JSONATA_EXPRESSION,
    UNSUPPORTED_JSONATA_EXPRESSION,
    WARNING,
    Pointer,
)
from stepwell.language.jsonata import Jsonata, JsonataSyntaxError, compile_jsonata
from stepwell.language.queries import CLOSING, OPENING, is_query, query_text
from stepwell.language.validation.walk import Place, Walk

_EVERYWHERE = frozenset({"input", "context"})
_ON_THE_WAY_OUT = {"Task": "result", "Parallel": "result", "Map": "result", "Catcher": "errorOutput"}
"""What `$states` has besides in Output and Assign, by the object that these are fields of."""
_SOMEWHERE = frozenset(_ON_THE_WAY_OUT.values())
_NOT_AT_ALL = frozenset({"*", "**", "%"})
"""Steps that name nothing; AWS takes an expression that begins with one."""


def members_in(field: Any, place: Place) -> frozenset[str]:
    """Return the members that `$states` has in a field of the object at this place."""
    more = _ON_THE_WAY_OUT.get(place.structure) if field in ("Output", "Assign") else None
    return _EVERYWHERE if more is None else _EVERYWHERE | {more}


def query(walk: Walk, value: str, pointer: Pointer, members: frozenset[str]) -> None:
    """Check a text that may be an expression. `members`: what `$states` has there."""
    if not is_query(value):
        if value.startswith(OPENING):
            walk.report(pointer, f"JSONata string must start with {OPENING} and end with {CLOSING}")
        return
    text = query_text(value)
    begin = value.index(text, len(OPENING)) if text else len(OPENING)
    try:
        compiled = compile_jsonata(text)
    except JsonataSyntaxError as problem:
        # The parser says where it stopped: behind the token that it can't take.
        token = problem.token if isinstance(problem.token, str) else ""
        at = problem.position - len(token) * text.endswith(token, 0, problem.position)
        shown = walk.source.within(pointer, value, begin + at)
        walk.report(pointer, problem.message, INVALID_JSONATA_EXPRESSION, shown=shown)
        return
    _roots(walk, compiled, pointer, value, begin)
    _members(walk, compiled, pointer, members)


def _roots(walk: Walk, compiled: Jsonata, pointer: Pointer, value: str, begin: int) -> None:
    """Check that nothing is looked for in a context; each name is told of once."""
    first = dict(reversed(compiled.root_references))
    for name, offset in sorted(first.items(), key=lambda found: found[1]):
        if name in _NOT_AT_ALL:
            continue
        where = "" if name == "$$" else "at the top level "  # AWS has a rule of its own for the root
        message = f"Reference to '{name}' {where}is not supported."
        shown = walk.source.within(pointer, value, begin + offset)
        walk.report(pointer, message, UNSUPPORTED_JSONATA_EXPRESSION, shown=shown)


def _members(walk: Walk, compiled: Jsonata, pointer: Pointer, members: frozenset[str]) -> None:
    """Check the members of `$states`. AWS takes a name that is nowhere a member; it only gives nothing."""
    for name in sorted(compiled.states_fields - members):
        severity = ERROR if name in _SOMEWHERE else WARNING
        message = f"Field '$states.{name}' does not exist."
        walk.report(pointer, message, UNSUPPORTED_JSONATA_EXPRESSION, severity=severity)
