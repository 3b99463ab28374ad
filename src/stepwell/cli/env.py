"""`stepwell env`."""

import os

import click

from stepwell.cli.options import DEFAULT_HOST, DEFAULT_PORT

_CREDENTIALS = {"AWS_ACCESS_KEY_ID": "123456789012", "AWS_SECRET_ACCESS_KEY": "stepwell"}


@click.command()
@click.option("--host", default=DEFAULT_HOST, show_default=True)
@click.option("--port", type=click.IntRange(1, 65_535), default=DEFAULT_PORT, show_default=True)
def env(host: str, port: int) -> None:
    """Print the exports that point the AWS tools here: eval "$(stepwell env)".

    Credentials and region are left as they are where they are set; the access key id that is given else says that the
    account is 123456789012.
    """
    exports = {
        "AWS_ENDPOINT_URL_SFN": f"http://{host}:{port}",
        "AWS_ENDPOINT_URL_EVENTBRIDGE": f"http://{host}:{port}",
        "AWS_ENDPOINT_URL_SCHEDULER": f"http://{host}:{port}",
        "AWS_DISABLE_HOST_PREFIX_INJECTION": "true",
    }
    if not (os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")):
        exports["AWS_DEFAULT_REGION"] = "us-east-1"
    if not (os.environ.get("AWS_ACCESS_KEY_ID") or os.environ.get("AWS_PROFILE")):
        exports |= _CREDENTIALS
    for name, value in exports.items():
        click.echo(f"export {name}={value}")
