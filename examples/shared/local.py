"""A stage for an example: a server with emulated services, thrown away afterwards, and what a story does with them."""

import argparse
import json
import os
import re
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3  # type: ignore[import-untyped]

from shared.ending import end_on_signals
from shared.progress import say
from shared.server import LOG, NotStarted, serve, settings_for

REGION, ACCOUNT = "us-east-1", "123456789012"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/example"
RECEIVE_SECONDS = 10
_EMULATED = re.compile(r"services are emulated on (http://[^\s;]+)")
_NAMED = re.compile(r"\$\{(\w+)\}")


class Local:
    """The services of AWS, here."""

    def __init__(self) -> None:
        self.stepfunctions = self.client("stepfunctions")

    def client(self, service: str) -> Any:
        """Return a client, just as against AWS: where the services are is in the environment."""
        return boto3.client(service)

    def deploy(self, definition: Path, **substitutions: str) -> str:
        """Create a state machine of a file, whose `${Names}` are substituted as CloudFormation does; return its ARN."""
        text = _NAMED.sub(lambda found: substitutions[found[1]], definition.read_text())
        name = definition.name.partition(".")[0]
        answer = self.stepfunctions.create_state_machine(name=name, definition=text, roleArn=ROLE)
        arn: str = answer["stateMachineArn"]
        return arn

    def start(self, machine: str, name: str, value: Any) -> str:
        """Start an execution; return its ARN."""
        answer = self.stepfunctions.start_execution(stateMachineArn=machine, name=name, input=json.dumps(value))
        arn: str = answer["executionArn"]
        return arn

    def table(self, name: str, *keys: str) -> None:
        """Create a table of DynamoDB whose keys are texts."""
        self.client("dynamodb").create_table(
            TableName=name,
            AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in keys],
            KeySchema=[
                {"AttributeName": key, "KeyType": kind} for key, kind in zip(keys, ("HASH", "RANGE"), strict=False)
            ],
            BillingMode="PAY_PER_REQUEST",
        )

    def topic(self, name: str) -> tuple[str, str]:
        """Create a topic of SNS, and a queue that gets all its messages; return the topic's ARN and the queue's URL."""
        sns, sqs = self.client("sns"), self.client("sqs")
        topic: str = sns.create_topic(Name=name)["TopicArn"]
        queue: str = sqs.create_queue(QueueName=f"{name}-inbox")["QueueUrl"]
        sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=f"arn:aws:sqs:{REGION}:{ACCOUNT}:{name}-inbox")
        return topic, queue

    def received(self, queue: str, count: int) -> Iterator[tuple[str, Any]]:
        """Yield the subjects and the contents of so many messages that a topic has sent to a queue."""
        sqs = self.client("sqs")
        while count > 0:
            answer = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10, WaitTimeSeconds=RECEIVE_SECONDS)
            messages = answer.get("Messages")
            if not messages:
                raise TimeoutError(f"{count} messages more should be in {queue}")
            for message in messages:
                letter = json.loads(message["Body"])
                yield letter["Subject"], json.loads(letter["Message"])
                sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
            count -= len(messages)


def run(folder: Path, story: Callable[[Local], None], **environment: str) -> int:
    """Serve the functions of a folder beside emulated services, and run a story; return the exit status.

    `environment` is what its functions are given.
    """
    parser = argparse.ArgumentParser(description="Runs a story on services that are emulated on this machine.")
    parser.add_argument("--port", type=int, default=0, help="to serve on (default: any that is free)")
    port: int = parser.parse_args().port
    end_on_signals()
    try:
        with tempfile.TemporaryDirectory(prefix="stepwell-example-") as data:
            settings = settings_for(folder / "stepwell.toml", Path(data), **environment)
            with serve(settings, port, Path(data), "--services", "emulated", "--services-port", "0") as url:
                _point_aws_tools(url, Path(data) / LOG)
                say(f"Stepwell serves on {url}, with emulated services beside it.")
                story(Local())
    except NotStarted as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        say("\nStopped.")
    return 0


def _point_aws_tools(url: str, log: Path) -> None:
    """Let every client of AWS in this process work with this server, and with the services that its log names."""
    services = _EMULATED.search(log.read_text(errors="replace"))
    assert services is not None, "a server that is ready has said where its services are"
    os.environ.pop("AWS_PROFILE", None)
    os.environ |= {
        "AWS_ENDPOINT_URL": services[1],
        "AWS_ENDPOINT_URL_SFN": url,
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ACCESS_KEY_ID": ACCOUNT,
        "AWS_SECRET_ACCESS_KEY": "local",
    }
