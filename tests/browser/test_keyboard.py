"""All of it by keys alone."""

from playwright.sync_api import expect

from browser.machines import passes


def test_from_the_overview_to_a_state_by_keys_alone(page, site):
    machine = site.machine(passes("First", "Second"), "by-keys")
    execution = site.start(machine, name="typed")
    site.ended(execution)
    page.goto(site.page())
    expect(page.get_by_role("heading", level=1)).to_have_text("Overview")
    page.keyboard.press("Control+k")
    page.get_by_role("combobox", name="Go to").press_sequentially("typed")
    expect(page.get_by_role("option", name="typed")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("typed")
    expect(page.locator('.execution[data-ready="true"]')).to_be_visible()
    page.get_by_role("button", name="Pass First: Succeeded").focus()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("heading", level=2, name="Second")).to_be_visible()
    expect(page.get_by_role("button", name="Pass Second: Succeeded")).to_be_focused()
    page.keyboard.press("e")
    expect(page.get_by_role("grid", name="Events")).to_be_visible()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="Keys")).to_have_count(0)
