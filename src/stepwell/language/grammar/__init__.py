"""The grammar of the Amazon States Language, as tables.

Each object of a definition is a `Structure`: its fields by name, each with the shape of its value, the query language
that has it where only one does, and whether it must be there; and the groups of fields that exclude each other. The
tables say what AWS's own check accepts, as far as that is known from its answers: where the documents are stricter (a
retrier's interval of 0, say), the tables follow the answers. `stepwell.language.validation` interprets them; an editor
or a generator of documentation can read them as well.
"""

from stepwell.language.grammar import choices, maps, states
from stepwell.language.grammar.shapes import JSONATA, JSONPATH, Field, Number, Shape, Structure, Text

__all__ = ["JSONATA", "JSONPATH", "STRUCTURES", "TYPES", "Field", "Shape", "Structure"]

TYPES = states.TYPES

MACHINE = Structure({
    **maps.BRANCH.fields,
    "Version": Field(Text(("1.0",))),
    "TimeoutSeconds": Field(Number(minimum=0, maximum=states.MAX_SECONDS, expression=False)),
    "QueryLanguage": Field(Text(states.QUERY_LANGUAGES)),
})  # fmt: skip

STRUCTURES: dict[str, Structure] = {
    "Machine": MACHINE,
    "Branch": maps.BRANCH,
    "ItemProcessor": maps.ITEM_PROCESSOR,
    "ProcessorConfig": maps.PROCESSOR_CONFIG,
    "ItemReader": maps.ITEM_READER,
    "ReaderConfig": maps.READER_CONFIG,
    "ItemBatcher": maps.ITEM_BATCHER,
    "ResultWriter": maps.RESULT_WRITER,
    "WriterConfig": maps.WRITER_CONFIG,
    "Retrier": states.RETRIER,
    "Catcher": states.CATCHER,
    "Rule": choices.RULE,
    "NestedRule": choices.NESTED_RULE,
    **states.STATES,
}
"""Every structure by its name; those of the states by their types."""
