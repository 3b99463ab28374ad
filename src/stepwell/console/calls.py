"""The table of the console's calls, and the parts that answer them."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from stepwell.api.server import Server
from stepwell.console.changes import Changes
from stepwell.console.compare import Comparisons
from stepwell.console.definitions import Definitions
from stepwell.console.events import Events
from stepwell.console.execution import Executions
from stepwell.console.export import Exports
from stepwell.console.fork import Forks
from stepwell.console.inbox import Inbox
from stepwell.console.lists import Lists
from stepwell.console.playground import Playground
from stepwell.console.request import Asked
from stepwell.console.stories import Stories
from stepwell.console.stream import Streams
from stepwell.console.visit import Visits
from stepwell.runtime.evaluators.pool import Evaluators

Call = Callable[[Asked], Awaitable[Any]]


class Calls:
    """All the calls of one console. `changes` is to be told of every turn of the engines."""

    def __init__(self, server: Server, evaluators: Evaluators, changes: Changes) -> None:
        stories = Stories(server)
        definitions, lists, inbox = Definitions(server, evaluators), Lists(server), Inbox(server, stories)
        executions, visits = Executions(server, stories), Visits(server, stories, evaluators)
        self.changes = changes
        self.streams = Streams(server, stories, changes)
        self.exports = Exports(server, stories, executions, evaluators)
        self.table: Mapping[str, Call] = {
            "POST layout": definitions.layout,
            "POST lint": definitions.lint,
            "POST convert": definitions.convert,
            "POST playground": Playground(evaluators).evaluate,
            "GET executions": lists.executions,
            "GET overview": lists.overview,
            "GET execution": executions.summary,
            "GET execution/visits": executions.visits,
            "GET execution/visit": visits.visit,
            "GET execution/iterations": executions.iterations,
            "GET execution/events": Events(server, stories).page,
            "GET inbox": inbox.tasks,
            "POST inbox/answer": inbox.answer,
            "POST fork": Forks(server, stories, visits).fork,
            "GET compare": Comparisons(server, stories).compare,
        }
