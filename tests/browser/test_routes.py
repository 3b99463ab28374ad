"""Every page, in light and in dark: it comes, it has no error, and people with other senses and hands can use it."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from browser.machines import DECIDES, passes

AXE = Path(__file__).parents[2] / "console" / "node_modules" / "axe-core" / "axe.min.js"
SERIOUS = {"serious", "critical"}


@pytest.fixture(scope="module")
def places(site):
    """Address of each page -> what its heading says."""
    machine = site.machine(DECIDES, "routes")
    site.aws.publish_state_machine_version(stateMachineArn=machine)
    good, bad = site.start(machine, {"ok": True, "who": "Ada"}), site.start(machine, {"ok": False})
    site.ended(good), site.ended(bad)
    quoted = site.quoted(machine)
    return {
        "overview": ("", "Overview"),
        "machines": ("machines", "State machines"),
        "create": ("create", "Create a state machine"),
        "machine": (f"machines/{quoted}", "routes"),
        "definition": (f"machines/{quoted}?tab=definition", "routes"),
        "versions": (f"machines/{quoted}?tab=versions", "routes"),
        "edit": (f"machines/{quoted}/edit", "Edit routes"),
        "diff": (f"machines/{quoted}/diff?before={quoted}%3A1", "What changed"),
        "executions": ("executions", "Executions"),
        "failed": ("executions?status=FAILED", "Executions"),
        "execution": (f"executions/{site.quoted(bad)}", bad.split(":")[-1]),
        "events": (f"executions/{site.quoted(bad)}?view=events&at=3", bad.split(":")[-1]),
        "steps": (f"executions/{site.quoted(good)}?view=steps&state=/States/Done", good.split(":")[-1]),
        "fork": (f"executions/{site.quoted(bad)}/fork", "Fork"),
        "compare": (f"compare?a={site.quoted(good)}&b={site.quoted(bad)}", "Compare two executions"),
        "inbox": ("inbox", "Inbox"),
        "playground": ("playground", "Playground"),
        "test-state": ("playground?tab=state", "Playground"),
    }


NAMES = (
    *("overview", "machines", "create", "machine", "definition", "versions", "edit", "diff", "executions", "failed"),
    *("execution", "events", "steps", "fork", "compare", "inbox", "playground", "test-state"),
)


def look(page: Page, site, place: tuple[str, str]) -> None:
    path, heading = place
    page.goto(site.page(path))
    expect(page.get_by_role("heading", level=1)).to_have_text(heading)
    expect(page.locator('[data-ready="true"]').first).to_be_attached()
    expect(page.locator('[data-ready="false"]')).to_have_count(0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", NAMES)
def test_every_page_comes_in_light_and_dark(page, site, places, name, scheme, pictures):
    page.emulate_media(color_scheme=scheme)
    look(page, site, places[name])
    assert page.evaluate("getComputedStyle(document.documentElement).colorScheme") == scheme
    pictures(page, f"{name}-{scheme}")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", NAMES)
def test_no_page_keeps_anybody_out(browser: Browser, site, places, name, scheme):
    # A context of its own: axe is put into the page, which the page's policy would refuse.
    with browser.new_context(bypass_csp=True, color_scheme=scheme, reduced_motion="reduce") as context:
        context.add_cookies(site.cookies())
        page = context.new_page()
        look(page, site, places[name])
        page.add_script_tag(path=str(AXE))
        found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    assert found["passes"], "axe looked at nothing"
    told = [
        f"{rule['id']}: {node['html']}"
        for rule in found["violations"]
        if rule["impact"] in SERIOUS
        for node in rule["nodes"]
    ]
    assert told == []


@pytest.mark.parametrize("width", [390, 768, 1024])
def test_no_page_is_wider_than_the_window(page, site, places, width, pictures):
    page.set_viewport_size({"width": width, "height": 844})
    for name in NAMES:
        look(page, site, places[name])
        pictures(page, f"{name}-{width}")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name
        expect(page.get_by_role("navigation", name="Main").get_by_role("link", name="Inbox")).to_be_in_viewport(ratio=1)


def test_every_tab_says_what_it_shows(page, site, places):
    titles = {}
    for name in NAMES:
        look(page, site, places[name])
        titles[name] = page.title().removesuffix(" · Stepwell")
    bad = places["execution"][1]
    assert titles["execution"] == f"{bad}: Failed"
    assert titles["failed"] == "Executions: Failed"
    assert titles["definition"] == "routes: definition"
    assert titles["fork"] == f"Fork {bad}"
    same = {"events": "execution"}  # another view of what the page is about
    assert len({title for name, title in titles.items() if name not in same}) == len(NAMES) - len(same)


def test_a_machine_that_was_just_made_shows_in_the_list_and_opens(page, site):
    site.machine(passes("One"), "opens")
    page.goto(site.page("machines"))
    page.get_by_role("link", name="opens").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("opens")
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text("State machines")


def test_an_address_that_leads_nowhere_says_so(page, site):
    page.goto(site.page("no/such/page"))
    expect(page.get_by_text("There is no such page.")).to_be_visible()
