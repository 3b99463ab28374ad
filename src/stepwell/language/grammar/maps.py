"""The parts of a Map state: its item processor, and what only a distributed Map has."""

from stepwell.language.grammar.shapes import (
    JSONATA,
    JSONPATH,
    Data,
    DataResource,
    Field,
    Label,
    ListOf,
    Nested,
    Number,
    Path,
    StateName,
    States,
    Structure,
    Text,
)

MAX_ITEMS = 100_000_000
MAX_BATCH_BYTES = 262_144

DISTRIBUTED_ONLY = ("ItemReader", "ItemBatcher", "ResultWriter")
"""Fields of Map that an inline one does not have. AWS takes the tolerated failures, and ignores them."""

CSV_ONLY = ("CSVHeaderLocation", "CSVHeaders", "CSVDelimiter")
"""Fields of ReaderConfig that belong to CSV."""

INPUT_TYPES = ("CSV", "JSON", "JSONL", "PARQUET", "MANIFEST")

BRANCH = Structure({
    "States": Field(States(), required=True),
    "StartAt": Field(StateName(), required=True),
    "Comment": Field(Text()),
})  # fmt: skip

ITEM_PROCESSOR = Structure({**BRANCH.fields, "ProcessorConfig": Field(Nested("ProcessorConfig"))})

PROCESSOR_CONFIG = Structure({
    "Mode": Field(Text(("INLINE", "DISTRIBUTED"))),
    "ExecutionType": Field(Text(("STANDARD", "EXPRESS"))),
})  # fmt: skip

ITEM_READER = Structure({
    "Resource": Field(DataResource(("s3:getObject", "s3:listObjectsV2")), required=True),
    "ReaderConfig": Field(Nested("ReaderConfig")),
    "Parameters": Field(Data(), JSONPATH),
    "Arguments": Field(Data(), JSONATA),
})  # fmt: skip

READER_CONFIG = Structure(
    {
        "InputType": Field(Text(INPUT_TYPES)),
        "Transformation": Field(Text(("NONE", "LOAD_AND_FLATTEN"))),
        "ManifestType": Field(Text(("ATHENA_DATA", "S3_INVENTORY"))),
        "CSVHeaderLocation": Field(Text(("FIRST_ROW", "GIVEN"))),
        "CSVHeaders": Field(ListOf(Text())),
        "CSVDelimiter": Field(Text(("COMMA", "PIPE", "SEMICOLON", "SPACE", "TAB"))),
        "ItemsPointer": Field(Text()),
        "MaxItems": Field(Number(minimum=0, maximum=MAX_ITEMS)),
        "MaxItemsPath": Field(Path(), JSONPATH),
    },
    at_most_one=(("MaxItems", "MaxItemsPath"),),
)

ITEM_BATCHER = Structure(
    {
        "MaxItemsPerBatch": Field(Number(minimum=0)),
        "MaxItemsPerBatchPath": Field(Path(), JSONPATH),
        "MaxInputBytesPerBatch": Field(Number(minimum=0, maximum=MAX_BATCH_BYTES)),
        "MaxInputBytesPerBatchPath": Field(Path(), JSONPATH),
        "BatchInput": Field(Data()),
    },
    at_most_one=(
        ("MaxItemsPerBatch", "MaxItemsPerBatchPath"),
        ("MaxInputBytesPerBatch", "MaxInputBytesPerBatchPath"),
    ),
)

RESULT_WRITER = Structure({
    "Resource": Field(DataResource(("s3:putObject",))),
    "WriterConfig": Field(Nested("WriterConfig")),
    "Parameters": Field(Data(), JSONPATH),
    "Arguments": Field(Data(), JSONATA),
})  # fmt: skip

WRITER_CONFIG = Structure({
    "OutputType": Field(Text(("JSON", "JSONL"))),
    "Transformation": Field(Text(("NONE", "COMPACT", "FLATTEN"))),
})  # fmt: skip

MAP_FIELDS = {
    "ItemProcessor": Field(Nested("ItemProcessor")),
    "Iterator": Field(Nested("ItemProcessor")),
    "Items": Field(Data(("Array", "Object")), JSONATA),
    "ItemsPath": Field(Path(context=True), JSONPATH),
    "ItemSelector": Field(Data()),
    "MaxConcurrency": Field(Number(minimum=0)),
    "MaxConcurrencyPath": Field(Path(), JSONPATH),
    "ItemReader": Field(Nested("ItemReader")),
    "ItemBatcher": Field(Nested("ItemBatcher")),
    "ResultWriter": Field(Nested("ResultWriter")),
    "Label": Field(Label()),
    "ToleratedFailureCount": Field(Number(minimum=0)),
    "ToleratedFailureCountPath": Field(Path(), JSONPATH),
    "ToleratedFailurePercentage": Field(Number("Float", minimum=0.0, maximum=100.0)),
    "ToleratedFailurePercentagePath": Field(Path(), JSONPATH),
}
