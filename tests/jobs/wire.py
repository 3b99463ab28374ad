"""ECS, Glue, Athena and SageMaker on the wire, as far as their jobs go: what an emulator can't be made to do.

Jobs go on until a test ends them; a submission may be held up after it has taken effect; and all is counted. Client
tokens are honoured as AWS does: a token that comes again gets the job that it got before.
"""

import itertools
import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

CLUSTER = "arn:aws:ecs:us-east-1:123456789012:cluster/c"
REFUSED = "AccessDeniedException"
TROUBLE = "ThrottlingException"


class JobServices(ThreadingHTTPServer):
    """The jobs of all services, by what names them."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.jobs = {}
        """What names a job -> its description, without the status."""
        self.ended = {}
        """What names a job -> how it has ended."""
        self.tokens = {}
        self.calls = []
        """Every call: (operation, its parameters)."""
        self.troubles = []
        """Operations whose next call is throttled, once each."""
        self.gate = threading.Event()
        self.gate.set()
        """Cleared: a submission has taken effect, and isn't answered."""
        self.lock = threading.Lock()
        self._numbers = itertools.count(1)

    def handle_error(self, *_):
        """Say nothing when a client hangs up, or is killed."""

    def count(self, operation):
        """Return how often an operation was called."""
        return sum(called == operation for called, _ in self.calls)

    def end(self, outcome="well"):
        """Let all jobs end: "well", "badly" or "stopped"."""
        for name in self.jobs:
            self.ended.setdefault(name, outcome)

    def answer(self, operation, asked):
        """Return (status, answer) of a call."""
        with self.lock:
            self.calls.append((operation, asked))
            if operation in self.troubles:
                self.troubles.remove(operation)
                return 400, {"__type": TROUBLE, "message": "Rate exceeded"}
            answered = getattr(self, f"_{operation}")(asked)
        if operation in {"RunTask", "StartJobRun", "StartQueryExecution", "CreateTrainingJob"}:
            self.gate.wait(30)
        return answered if isinstance(answered, tuple) else (200, answered)

    def _add(self, token, **described):
        name = self.tokens.get(token) or f"job-{next(self._numbers)}"
        if token is not None:
            self.tokens[token] = name
        self.jobs.setdefault(name, described)
        return name

    def _status(self, name, **words):
        return words[self.ended.get(name, "on")]

    # Amazon ECS

    def _RunTask(self, asked):
        name = self._add(asked.get("clientToken"), asked=asked)
        return {"tasks": [self._task(name)], "failures": []}

    def _DescribeTasks(self, asked):
        return {"tasks": [self._task(name) for name in asked["tasks"] if name in self.jobs], "failures": []}

    def _StopTask(self, asked):
        self.ended[asked["task"]] = "stopped"
        return {"task": self._task(asked["task"])}

    def _task(self, name):
        exits = {} if name not in self.ended else {"exitCode": self._status(name, well=0, badly=3, stopped=137)}
        return {
            "taskArn": name,
            "clusterArn": CLUSTER,
            "lastStatus": "STOPPED" if exits else "RUNNING",
            "startedBy": self.jobs[name]["asked"].get("startedBy", ""),
            "createdAt": 1767225600.5,
            "containers": [{"name": "main", **exits}],
        }

    # AWS Glue

    def _StartJobRun(self, asked):
        return {"JobRunId": self._add(None, asked=asked)}

    def _GetJobRun(self, asked):
        return {"JobRun": self._run(asked["RunId"])}

    def _GetJobRuns(self, asked):
        return {"JobRuns": [self._run(name) for name in self.jobs]}

    def _BatchStopJobRun(self, asked):
        self.ended.update(dict.fromkeys(asked["JobRunIds"], "stopped"))
        return {"SuccessfulSubmissions": []}

    def _run(self, name):
        state = self._status(name, on="RUNNING", well="SUCCEEDED", badly="FAILED", stopped="STOPPED")
        given = self.jobs[name]["asked"]
        return {"Id": name, "JobName": given["JobName"], "JobRunState": state, "Arguments": given.get("Arguments", {})}

    # Amazon Athena

    def _StartQueryExecution(self, asked):
        return {"QueryExecutionId": self._add(asked["ClientRequestToken"])}

    def _GetQueryExecution(self, asked):
        name = asked["QueryExecutionId"]
        state = self._status(name, on="RUNNING", well="SUCCEEDED", badly="FAILED", stopped="CANCELLED")
        return {"QueryExecution": {"QueryExecutionId": name, "Status": {"State": state}}}

    def _StopQueryExecution(self, asked):
        self.ended[asked["QueryExecutionId"]] = "stopped"
        return {}

    # Amazon SageMaker

    def _CreateTrainingJob(self, asked):
        name = asked["TrainingJobName"]
        if name in self.jobs:
            return 400, {"__type": "ResourceInUse", "message": "Training job names must be unique"}
        self.jobs[name] = {"asked": asked}
        return {"TrainingJobArn": f"arn:aws:sagemaker:us-east-1:123456789012:training-job/{name}"}

    def _DescribeTrainingJob(self, asked):
        name = asked["TrainingJobName"]
        if name not in self.jobs:
            return 400, {"__type": "ValidationException", "message": "Requested resource not found."}
        state = self._status(name, on="InProgress", well="Completed", badly="Failed", stopped="Stopped")
        arn = f"arn:aws:sagemaker:us-east-1:123456789012:training-job/{name}"
        return {"TrainingJobName": name, "TrainingJobArn": arn, "TrainingJobStatus": state}

    def _StopTrainingJob(self, asked):
        self.ended[asked["TrainingJobName"]] = "stopped"
        return {}

    def _ListTags(self, asked):
        return {"Tags": self.jobs[asked["ResourceArn"].rpartition("/")[2]]["asked"].get("Tags", [])}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: JobServices

    def log_message(self, *_):
        """Say nothing."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        status, answer = self.server.answer(self.headers["x-amz-target"].rpartition(".")[2], json.loads(body))
        text = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("content-type", "application/x-amz-json-1.1")
        self.send_header("content-length", str(len(text)))
        self.send_header("x-amzn-requestid", "r-1")
        self.end_headers()
        self.wfile.write(text)


@contextmanager
def job_services():
    """Serve them for a while."""
    with JobServices() as services:
        thread = threading.Thread(target=services.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield services
        finally:
            services.gate.set()
            services.shutdown()
            thread.join()
