"""The compiler: one module for each kind of node. `core.py` says how it works."""

from stepwell.language.jsonata.compiler import (  # noqa: F401 (each registers its rules)
    calls,
    constructors,
    filters,
    operators,
    paths,
    sorting,
    transforms,
    values,
)
from stepwell.language.jsonata.compiler.core import Code, Compiler, Frame

__all__ = ["Code", "Compiler", "Frame"]
