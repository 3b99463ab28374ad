"""JSONata 2.0.6, as AWS Step Functions has it: parsed once, written as Python, evaluated within a budget."""

from stepwell.language.jsonata.budget import Budget
from stepwell.language.jsonata.errors import JsonataError, JsonataSyntaxError
from stepwell.language.jsonata.expression import Jsonata, compile_jsonata
from stepwell.language.jsonata.values import UNDEFINED, Function, Undefined

__all__ = [
    "UNDEFINED",
    "Budget",
    "Function",
    "Jsonata",
    "JsonataError",
    "JsonataSyntaxError",
    "Undefined",
    "compile_jsonata",
]
