"""The commands. Each imports what it needs when it runs, so that `--help` is at once."""

import click

from stepwell import __version__
from stepwell.cli.console import console
from stepwell.cli.env import env
from stepwell.cli.render import render
from stepwell.cli.run import run
from stepwell.cli.serve import serve
from stepwell.cli.validate import validate
from stepwell.cli.worker import worker

_HELP = """Run AWS Step Functions yourself: a durable orchestrator powered by state machines.

\b
stepwell serve                        serve the API of AWS Step Functions on port 8083
stepwell console                      log in to its console in a browser
eval "$(stepwell env)"                point the AWS tools there
stepwell run order.asl.json           run one execution in this terminal
stepwell validate order.asl.yaml      check a definition
stepwell render order.asl.json        draw it, as SVG
stepwell worker shop:charge --activity ARN    do the tasks of an activity
"""


@click.group(help=_HELP, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="stepwell")
def main() -> None:
    """Be the group of all commands."""


for _command in (serve, console, run, env, validate, render, worker):
    main.add_command(_command)
