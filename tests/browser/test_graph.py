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


def test_of_thousands_of_states_those_in_sight_are_drawn_and_any_is_found(page, site, pictures):
    execution = site.start(site.machine(large(120)))
    site.ended(execution, seconds=60)
    page.goto(site.execution_page(execution))
    expect(page.locator('.execution[data-ready="true"]')).to_be_visible()
    expect(page.locator(".node").first).to_be_visible()
    assert page.locator(".node").count() < 500
    page.get_by_role("searchbox", name="Find a state").fill("Write 77")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=2, name="Write 77")).to_be_visible()
    found = page.get_by_role("button", name="Pass Write 77: Succeeded")
    expect(found).to_be_in_viewport()
    pictures(page, "large-found")
    found.focus()
    page.keyboard.press("ArrowUp")
    expect(page.get_by_role("button", name="Pass Change 77: Succeeded")).to_be_focused()
    page.get_by_role("button", name="Fit the whole graph").click()
    expect(page.locator(".graph.blocks .node").first).to_be_visible()
    pictures(page, "large-whole")


def test_without_a_graph_all_else_of_an_execution_is_there(page, site, refusals):
    execution = site.start(site.machine(passes("One", "Two")))
    site.ended(execution)
    page.route(
        "**/api/layout*", lambda route: route.fulfill(status=400, body='{"__type": "#TooMuchWork", "message": "Much."}')
    )
    page.goto(site.execution_page(execution, "?view=steps"))
    expect(page.get_by_role("alert")).to_contain_text("The graph could not be drawn. Much. (TooMuchWork)")
    expect(page.get_by_role("grid", name="Steps").get_by_role("row")).to_have_count(2)
    expect(page.get_by_role("tab", name="Events")).to_contain_text("(6)")
    page.unroute("**/api/layout*")
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("button", name="Pass Two: Succeeded")).to_be_visible()
