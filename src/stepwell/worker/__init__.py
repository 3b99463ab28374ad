"""Workers: programs that poll an activity of Step Functions for tasks, here or at AWS.

    from stepwell.worker import Worker

    worker = Worker()

    @worker.activity("arn:aws:states:us-east-1:123456789012:activity:resize")
    def resize(image):
        return {"url": shrink(image["url"])}

    worker.run()

A worker speaks AWS's protocol and nothing else, and imports nothing of the server. `complete`, `fail` and `heartbeat`
answer a task token from anywhere: a function that took it from a queue, a web page, a script.
"""

from stepwell.worker.callbacks import complete, fail, heartbeat
from stepwell.worker.errors import TaskFailed, TokenRefused, WorkerRefused
from stepwell.worker.task import Task
from stepwell.worker.worker import Worker

__all__ = ["Task", "TaskFailed", "TokenRefused", "Worker", "WorkerRefused", "complete", "fail", "heartbeat"]
