"""The graph: what is looked at stays where it is when the layout changes."""

import json

from playwright.sync_api import Page, expect

from browser.machines import large, passes
from browser.test_editing import open_editor, write


def place(page: Page, name: str) -> tuple[float, float]:
    """Return where the head of a state is."""
    box = page.get_by_role("button", name=name).first.bounding_box()
    return box["x"] + box["width"] / 2, box["y"]


def apart(one: tuple[float, float], other: tuple[float, float]) -> float:
    return max(abs(one[0] - other[0]), abs(one[1] - other[1]))


def test_what_is_folded_or_unfolded_stays_under_the_pointer(page, site):
    execution = site.start(site.machine(large(4)))
    site.ended(execution)
    page.goto(site.execution_page(execution, "?state=/States/Both 2"))
    expect(page.locator('.execution[data-ready="true"]')).to_be_visible()
    toggle = page.locator('[data-toggle="/States/Both 2"]')
    before = toggle.bounding_box()
    page.mouse.click(before["x"] + before["width"] / 2, before["y"] + before["height"] / 2)
    expect(page.get_by_role("button", name="Pass Read 2")).to_have_count(0)
    # The same place of the window unfolds it again.
    page.mouse.click(before["x"] + before["width"] / 2, before["y"] + before["height"] / 2)
    expect(page.get_by_role("button", name="Pass Read 2")).to_have_count(1)
    after = toggle.bounding_box()
    assert abs(after["x"] - before["x"]) + abs(after["y"] - before["y"]) < 2


def test_writing_leaves_in_sight_what_is_looked_at(page, site):
    definition = large(4)
    open_editor(page, site, site.machine(definition))
    page.get_by_role("button", name="Choice Which? 2").dispatch_event("click")
    before = place(page, "Choice Which? 2")
    first = {"First of all": {"Type": "Pass", "Next": "Begin 0"}}
    write(page, json.dumps(definition | {"StartAt": "First of all", "States": first | definition["States"]}, indent=2))
    expect(page.get_by_role("button", name="Pass First of all")).to_have_count(1)
    assert apart(place(page, "Choice Which? 2"), before) < 2


def test_a_graph_that_was_whole_in_sight_stays_whole(page, site):
    open_editor(page, site, site.machine(passes("A")))
    write(page, json.dumps(passes(*"ABCDEFGH"), indent=2))
    expect(page.get_by_role("button", name="Pass H")).to_have_count(1)
    panel = page.get_by_role("region", name="Graph").bounding_box()
    for name in ("Pass A", "Pass H"):
        x, y = place(page, name)
        assert panel["x"] <= x <= panel["x"] + panel["width"]
        assert panel["y"] <= y <= panel["y"] + panel["height"]
