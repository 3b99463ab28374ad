"""Variables that are looked up while an expression is evaluated."""

from typing import Any

from stepwell.language.jsonata.budget import Run


def find(frame: Any, name: str, run: Run, fallback: Any) -> Any:
    """Return what a name is bound to, in the frames from the inside out, by the caller, or here."""
    while frame is not None:
        if name in frame:
            return frame[name]
        frame = frame[None]
    return run.bindings.get(name, fallback)
