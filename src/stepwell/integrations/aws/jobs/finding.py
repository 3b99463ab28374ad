"""Finding a job again whose submission may have taken effect without being noted."""

from collections.abc import Mapping
from typing import Any

from stepwell.integrations.aws.failures import CallFailed
from stepwell.integrations.aws.jobs.asking import Asking, code_of
from stepwell.integrations.aws.jobs.job import Find, Reference, at, filled, referred
from stepwell.integrations.port import TaskRequest
from stepwell.language.document import to_text

MOST_PAGES = 20
"""Pages of a listing that are looked through."""


async def find_submitted(
    asking: Asking, request: TaskRequest, find: Find, wanted: Mapping[str, Any], attempts: int | None
) -> Reference | None:
    """Return the reference of the job that this very task has submitted before, if it has.

    Without a number of attempts the service is asked until it answers. Raise `CallFailed`.
    """
    listing = filled(find.listing.parameters, wanted)
    for _ in range(MOST_PAGES):
        try:
            page = await asking.ask_often(request, find.listing.operation, listing, attempts)
        except CallFailed as error:
            if code_of(error) in find.absent:
                return None
            raise
        for item in (at(page, find.items) or ()) if find.items else (page,):
            if any(at(item, name) != wanted.get(other) for name, other in find.same.items()):
                continue
            reference = referred(find.reference, item, wanted)
            if request.idempotency_key in to_text(item):
                return reference
            if find.proof is not None:
                parameters = filled(find.proof.parameters, {**item, **reference})
                shown = await asking.ask_often(request, find.proof.operation, parameters, attempts)
                if request.idempotency_key in to_text(shown):
                    return reference
        if not find.page or not page.get(find.page):
            return None
        listing = {**listing, find.page: page[find.page]}
    return None
