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


def test_the_skip_link_leads_past_the_navigation(page, site):
    page.goto(site.page("machines"))
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the page")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


def test_the_focus_goes_back_to_where_a_dialog_was_opened(page, site):
    machine = site.machine(passes("One"), "focus")
    page.goto(site.page(f"machines/{site.quoted(machine)}"))
    start = page.get_by_role("button", name="Start an execution…")
    start.focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Cancel").click()
    expect(start).to_be_focused()
