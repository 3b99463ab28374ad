"""The graph: what is looked at stays where it is when the layout changes."""

import json
import re

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


def test_dragging_moves_the_graph_and_chooses_nothing(page, site):
    execution = site.start(site.machine(passes("One", "Two", "Three")))
    site.ended(execution)
    page.goto(site.execution_page(execution))
    expect(page.locator('.execution[data-ready="true"]')).to_be_visible()
    before = place(page, "Pass Two")
    page.mouse.move(before[0], before[1] + 10)
    page.mouse.down()
    page.mouse.move(before[0] + 60, before[1] + 50, steps=5)
    page.mouse.up()
    expect(page.locator(".graph svg > g")).to_have_attribute("transform", re.compile("translate"))
    assert apart(place(page, "Pass Two"), (before[0] + 60, before[1] + 40)) < 2
    assert "state=" not in page.url
    page.get_by_role("button", name="Pass Two").click()
    expect(page.get_by_role("heading", level=2, name="Two")).to_be_visible()


def test_two_fingers_zoom_about_what_is_between_them(browser, site):
    execution = site.start(site.machine(passes("One", "Two", "Three")))
    site.ended(execution)
    with browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True) as context:
        context.add_cookies(site.cookies())
        page = context.new_page()
        page.goto(site.execution_page(execution))
        expect(page.locator('.execution[data-ready="true"]')).to_be_visible()
        before = page.get_by_role("button", name="Pass Two").bounding_box()
        x, y = before["x"] + before["width"] / 2, before["y"] + before["height"] / 2
        touches = context.new_cdp_session(page)
        for kind, distance in (("touchStart", 40), ("touchMove", 60), ("touchMove", 80), ("touchEnd", None)):
            points = (
                [] if distance is None else [{"x": x, "y": y - distance, "id": 1}, {"x": x, "y": y + distance, "id": 2}]
            )
            touches.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
        expect(page.locator(".graph svg > g")).not_to_have_attribute("transform", re.compile(r"scale\(1\)"))
        after = page.get_by_role("button", name="Pass Two").bounding_box()
    assert 1.8 < after["width"] / before["width"] < 2.2
    assert abs(after["x"] + after["width"] / 2 - x) < 3
    assert abs(after["y"] + after["height"] / 2 - y) < 3


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
