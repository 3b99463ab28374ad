"""Bring two days' sales from files in S3 to totals in DynamoDB: one file is fine, the other can't be used.

.venv/bin/python examples/etl_pipeline/run.py
"""

import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

import glue  # noqa: E402
import totals_job  # noqa: E402
from shared.local import Local, run  # noqa: E402
from shared.progress import GREEN, Execution, follow, message_of, say, title  # noqa: E402

BUCKET, JOB, TABLE = "sales", "daily-totals", "totals"
FINE, UNUSABLE = "incoming/sales-2026-11-20.csv", "incoming/sales-2026-11-21.csv"


def story(local: Local) -> None:
    """Put two files into the bucket, and run the pipeline for each."""
    s3 = local.client("s3")
    topic, inbox = _make(local, s3)
    machine = local.deploy(
        HERE / "pipeline.asl.json",
        CheckFileFunction="check-file",
        TotalsJob=JOB,
        TotalsTable=TABLE,
        NewsTopicArn=topic,
    )
    title("Two files arrive. One has the sales of a day, the other one has lost its columns:")
    executions = []
    for key in (FINE, UNUSABLE):
        s3.put_object(Bucket=BUCKET, Key=key, Body=(HERE / "data" / Path(key).name).read_bytes())
        arn = local.start(machine, Path(key).stem, _created(key))
        executions.append(Execution(local.stepfunctions, arn, _outcome))
    with glue.executing(local.client("glue"), JOB, totals_job.main):
        follow(executions)
    title("What is in the table:")
    for item in sorted(local.client("dynamodb").scan(TableName=TABLE)["Items"], key=str):
        say(f"  {item['day']['S']}  {item['shop']['S']:<8} {item['sales']['N']} sales, {item['total']['N']}")
    title("What was announced, and what is in the bucket:")
    for subject, message in local.received(inbox, 2):
        what = message_of(message["cause"]) if "cause" in message else f"{message['total']} in all"
        say(f"  {subject}: {what}")
    for found in s3.list_objects_v2(Bucket=BUCKET)["Contents"]:
        say(f"  s3://{BUCKET}/{found['Key']}")


def _make(local: Local, s3: Any) -> tuple[str, str]:
    s3.create_bucket(Bucket=BUCKET)
    local.table(TABLE, "shop", "day")
    local.client("glue").create_job(
        Name=JOB, Role="arn:aws:iam::123456789012:role/glue", Command={"Name": "pythonshell", "ScriptLocation": "-"}
    )
    return local.topic("news")


def _created(key: str) -> dict[str, Any]:
    """Return the event that S3 sends to EventBridge, as far as the pipeline looks at it."""
    return {
        "source": "aws.s3",
        "detail-type": "Object Created",
        "detail": {"bucket": {"name": BUCKET}, "object": {"key": key}},
    }


def _outcome(output: Any) -> tuple[str, str]:
    return f"{output['day']}: {output['total']} in {output['shops']} shops", GREEN


def main() -> int:
    """Run the story once."""
    return run(HERE, story)


if __name__ == "__main__":
    sys.exit(main())
