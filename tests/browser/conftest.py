"""A server, a browser, and pages in which any error of the console fails the test."""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

import stepwell.console
from browser.chromium import ARGUMENTS, MISSING, REQUIRED, VARIABLE, find_chromium
from browser.site import Site
from e2e.server import Server

PATIENCE_MS = 20_000
"""How long a page may take on a loaded machine until what is waited for is there."""

BUILT = Path(stepwell.console.__file__).parent / "static" / "index.html"
NOT_BUILT = "NO CONSOLE: its page is not built, and was not tested. Run make console."
REFUSED = "the server responded with a status of 400 (Bad Request)"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A browser for the tests of one file: while Playwright is there, no other test could run an event loop."""
    with sync_playwright() as playwright:
        path = find_chromium(playwright)
        missing = MISSING if path is None else None if BUILT.exists() else NOT_BUILT
        if missing:
            (pytest.fail if os.environ.get(VARIABLE) == REQUIRED else pytest.skip)(missing)
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        expect.set_options(timeout=PATIENCE_MS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A server for all tests of this folder, with a console."""
    data = tmp_path_factory.mktemp("browser") / "data"
    server = Server(data).start()
    yield Site(server.url, data)
    server.stop()


@pytest.fixture
def refusals() -> None:
    """For tests in which the server has to refuse something: the browser notes that as an error of the page."""


@pytest.fixture
def context(browser: Browser, site: Site, request: pytest.FixtureRequest) -> Iterator[BrowserContext]:
    """A browser of its own that is logged in; what it asks of others, and what goes wrong in it, fails the test."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="en-GB", timezone_id="Europe/Berlin")
    context.set_default_timeout(PATIENCE_MS)
    context.add_cookies(site.cookies())
    problems = watch(context, site.url)
    yield context
    context.close()
    if "refusals" in request.fixturenames:
        problems = [problem for problem in problems if not problem.endswith(REFUSED)]
    assert problems == []


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()


def watch(context: BrowserContext, url: str) -> list[str]:
    """Note what must not happen in any page: errors in the console of the browser, requests that leave the origin."""
    problems: list[str] = []
    context.on("weberror", lambda error: problems.append(f"{error.error}"))
    context.on(
        "console",
        lambda message: problems.append(message.text) if message.type in {"error", "warning"} else None,
    )

    def note(request) -> None:
        if urlsplit(request.url).netloc != urlsplit(url).netloc and not re.match("data:|blob:", request.url):
            problems.append(f"asked {request.url}")

    context.on("request", note)
    return problems


@pytest.fixture
def pictures():
    """Take a picture of a page, where STEPWELL_PICTURES names a folder for them."""
    folder = os.environ.get("STEPWELL_PICTURES")

    def take(page: Page, name: str) -> None:
        if folder:
            page.screenshot(path=str(Path(folder) / f"{name}.png"))

    return take
