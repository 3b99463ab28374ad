from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest

from stepwell.integrations.functions import FunctionSettings, LocalFunctions

HANDLERS = Path(__file__).with_name("handlers")
REGION, ACCOUNT = "eu-west-1", "123456789012"

Serving = Callable[..., AbstractAsyncContextManager[LocalFunctions]]


@asynccontextmanager
async def _serving(own_client: bool = False, **functions: FunctionSettings | str) -> AsyncIterator[LocalFunctions]:
    declared = {
        name: FunctionSettings(value, path=str(HANDLERS)) if isinstance(value, str) else value
        for name, value in functions.items()
    }
    local = LocalFunctions(
        declared, endpoint_url="http://127.0.0.1:8083", region=REGION, account=ACCOUNT, own_client=own_client
    )
    await local.start()
    try:
        yield local
    finally:
        await local.close()


@pytest.fixture
def serving() -> Serving:
    """Serve functions, given as a handler of the samples or as settings: `async with serving(echo="sample.echo")`."""
    return _serving


@pytest.fixture
def declare() -> Callable[..., FunctionSettings]:
    """Settings of a handler of the samples."""
    return lambda handler, **rest: FunctionSettings(handler, **{"path": str(HANDLERS), **rest})
