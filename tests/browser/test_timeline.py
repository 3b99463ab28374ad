"""The timeline: drawn on a canvas, and explained under the pointer."""

from playwright.sync_api import expect

from browser.machines import passes

NAMES = [f"A state whose name is long, number {number}" for number in range(40)]


def test_the_tip_is_whole_at_every_edge(page, site, pictures):
    waits = passes(*NAMES)
    waits["States"][NAMES[-1]] = {"Type": "Wait", "Seconds": 3600, "End": True}
    execution = site.start(site.machine(waits))
    page.goto(site.execution_page(execution))
    expect(page.locator('.execution[data-ready="true"]')).to_be_visible()
    timeline, tip = page.get_by_role("region", name="Timeline"), page.get_by_role("tooltip")
    timeline.scroll_into_view_if_needed()
    timeline.evaluate("element => { element.scrollTop = element.scrollHeight }")
    bounds, widths = timeline.bounding_box(), []
    right, bottom = bounds["x"] + bounds["width"], bounds["y"] + bounds["height"]
    for x in (bounds["x"] + 300, right - 60, right - 20):  # the last row is one bar from left to right
        page.mouse.move(x, bottom - 20)
        expect(tip).to_contain_text("number 39")
        shown = tip.bounding_box()
        widths.append(shown["width"])
        assert bounds["x"] <= shown["x"]
        assert shown["x"] + shown["width"] <= right
        assert shown["y"] + shown["height"] <= bottom
    pictures(page, "tip")
    assert max(widths) - min(widths) < 1
    site.aws.stop_execution(executionArn=execution)


def test_thousands_of_states_are_drawn_where_they_are_looked_at(page, site, pictures):
    many = [f"State {number}" for number in range(2_500)]
    execution = site.start(site.machine(passes(*many)))
    site.ended(execution)
    page.goto(site.execution_page(execution))
    expect(page.locator('.execution[data-ready="true"]')).to_be_visible()
    timeline, tip = page.get_by_role("region", name="Timeline"), page.get_by_role("tooltip")
    timeline.scroll_into_view_if_needed()
    timeline.evaluate("element => { element.scrollTop = element.scrollHeight }")
    y = timeline.evaluate("element => element.clientHeight") - 8 - 11  # of the last row
    drawn = timeline.locator("canvas").evaluate(
        """(canvas, y) => new Promise(done => requestAnimationFrame(() => {
            const {data} = canvas.getContext('2d').getImageData(8, y, 150, 1);
            done(data.filter((value, at) => at % 4 === 3 && value > 0).length);
        }))""",
        y,
    )
    assert drawn > 10, "the name of the state is not there"
    bounds = timeline.bounding_box()
    for x in range(int(bounds["width"]) - 1, 170, -2):
        page.mouse.move(bounds["x"] + x, bounds["y"] + y)
        if tip.count():
            break
    expect(tip).to_contain_text("State 2499 ·")
    pictures(page, "timeline-2500")
