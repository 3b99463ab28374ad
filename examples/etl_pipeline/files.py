"""Looking at a file of sales before it is processed: a function of the pipeline."""

import csv
import io
import re
from typing import Any

import boto3  # type: ignore[import-untyped]

COLUMNS = ["shop", "article", "price"]
FIRST_BYTES = 4096
_NAME = re.compile(r"(?:.*/)?sales-(\d{4}-\d\d-\d\d)\.csv")


class UnusableFile(Exception):
    """Nobody should try this file again as it is."""


def check_file(event: dict[str, Any], context: object) -> dict[str, str]:
    """Return the day that a file of sales is of. Raise `UnusableFile`."""
    name = _NAME.fullmatch(event["key"])
    if name is None:
        raise UnusableFile(f"{event['key']} is not named sales-YEAR-MONTH-DAY.csv")
    s3 = boto3.client("s3")
    try:
        found = s3.get_object(Bucket=event["bucket"], Key=event["key"], Range=f"bytes=0-{FIRST_BYTES - 1}")
    except s3.exceptions.NoSuchKey:
        raise UnusableFile(f"{event['key']} is gone") from None
    columns = next(csv.reader(io.StringIO(found["Body"].read().decode(errors="replace"))), [])
    if columns != COLUMNS:
        raise UnusableFile(f"{event['key']} has the columns {columns}, and not {COLUMNS}")
    return {"day": name[1]}
