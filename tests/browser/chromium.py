"""Which browser the tests drive: Debian's Chromium, Chrome, or the one that `playwright install chromium` brought."""

import os
import shutil
from pathlib import Path

from playwright.sync_api import Playwright

VARIABLE = "STEPWELL_BROWSER"
"""Names a Chromium; or says that there has to be one: without it the tests of the console are skipped, loudly."""
REQUIRED = "required"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = [
    "--no-sandbox",  # in a container there is often no namespace for it; nothing but our own pages is opened
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
MISSING = (
    "NO BROWSER: the console was not tested. Install Chromium (apt-get install chromium, or "
    f"playwright install chromium), or name one in {VARIABLE}."
)


def find_chromium(playwright: Playwright) -> str | None:
    """Return the path of a Chromium, or None."""
    named = os.environ.get(VARIABLE)
    found = named if named and named != REQUIRED else next(filter(None, map(shutil.which, NAMES)), None)
    if found is None and Path(playwright.chromium.executable_path).exists():
        found = playwright.chromium.executable_path
    return found
