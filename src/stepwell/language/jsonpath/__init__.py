"""JSONPath, as AWS Step Functions has it: Jayway's dialect with its error texts, the context object and variables.

A path is compiled once and then called. Two kinds are kept apart from the start, because they promise different things:

- a **definite** path (`$`, `$.a.b`, `$.a[0]`) leads to one node. Finding none is an error, in the words that AWS uses;
- an **indefinite** path (a wildcard, slice, filter, several indexes, `..`) yields a list, and an empty list is a good
  answer, even where a parent of what it looks for is missing.

`grammar` and `conditions` read the text into the parts of `syntax`; `definite` and `select` turn these into closures,
for the two kinds; `pattern` matches regular expressions in linear time; `reference` reads and writes single nodes.
Everything is bounded: the text, its nesting, the nodes that one evaluation may visit.
"""

from .path import Path, compile_path, read_path
from .reference import ReferencePath, compile_reference_path
from .syntax import PathSyntaxError

__all__ = ["Path", "PathSyntaxError", "ReferencePath", "compile_path", "compile_reference_path", "read_path"]
