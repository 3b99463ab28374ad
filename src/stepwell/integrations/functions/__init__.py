"""Local functions: what Lambda is to AWS, on one machine.

A function is a Python handler, `module.function(event, context)`, that runs in a process of its own: it can crash, hang
or eat memory without the server noticing more than an error. The process runs the client that runs on AWS,
awslambdaric, against a Runtime API of ours; so the event, the context, and the words in which an error is told are
Lambda's.

    LocalFunctions -> Pool (one for each function) -> Worker (one process) <-> RuntimeApi
                                                        `bootstrap.py`, which is all of ours within the process

An invocation goes to an idle worker, else it waits in line and, while there are fewer than `concurrency`, a worker is
started for it. Workers stay warm for some minutes. One that misses a deadline, or whose invocation is no longer waited
for, is killed. Edited code gets fresh workers. All end with the server, even when that is killed.
"""

from stepwell.integrations.functions.declaration import FunctionSettings
from stepwell.integrations.functions.local import LocalFunctions
from stepwell.integrations.functions.outcomes import FunctionsClosed, Invocation, InvokeRefused

__all__ = ["FunctionSettings", "FunctionsClosed", "Invocation", "InvokeRefused", "LocalFunctions"]
