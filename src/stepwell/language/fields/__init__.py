"""The fields of a state, compiled: one reader for each query language, both with the same answers.

What a state does is the same in both languages; where its values come from is not. So the compiler asks a reader for
the parts of a state, and the machine runs what it is given, whatever language that was written in.
"""

from stepwell.language.fields.jsonata import JsonataFields
from stepwell.language.fields.jsonpath import JsonPathFields

Fields = JsonPathFields | JsonataFields

__all__ = ["Fields", "JsonPathFields", "JsonataFields"]
