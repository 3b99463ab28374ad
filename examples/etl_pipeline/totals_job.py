"""The Glue job (a Python shell job): adds up a file of sales by shop.

totals_job.py --source s3://BUCKET/KEY --target s3://BUCKET/KEY
"""

import argparse
import csv
import io
import json
from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import boto3  # type: ignore[import-untyped]


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the source, write the target. A second run writes the same."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--source", required=True)
    parser.add_argument("--target", required=True)
    given, _ = parser.parse_known_args(arguments)  # Glue adds arguments of its own
    s3 = boto3.client("s3")
    text = s3.get_object(**_place(given.source))["Body"].read().decode()
    s3.put_object(**_place(given.target), Body=json.dumps({"shops": totals(text)}))


def totals(text: str) -> list[dict[str, Any]]:
    """Return how much each shop has sold."""
    sold: dict[str, list[Decimal]] = defaultdict(list)
    for row in csv.DictReader(io.StringIO(text)):
        sold[row["shop"]].append(Decimal(row["price"]))
    return [{"shop": shop, "sales": len(prices), "total": float(sum(prices))} for shop, prices in sorted(sold.items())]


def _place(uri: str) -> dict[str, str]:
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    return {"Bucket": bucket, "Key": key}


if __name__ == "__main__":
    main()
