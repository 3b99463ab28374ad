"""Names and values that were written to deceive are shown as what they are, and never run."""

from playwright.sync_api import expect

from browser.machines import HOSTILE, hostile

SHOWN = tuple(name.replace("\u202e", "\ufffd") for name in HOSTILE)


def test_hostile_names_are_text_in_the_graph_the_events_and_the_steps(page, site, pictures):
    execution = site.start(site.machine(hostile()), {"<b>": '"><script>document.title="owned"</script>\u202e'})
    site.ended(execution)
    for view in ("timeline", "steps", "events"):
        page.goto(site.execution_page(execution, f"?view={view}"))
        expect(page.locator('.execution[data-ready="true"]')).to_be_visible()
        for name in SHOWN:
            expect(page.get_by_role("button", name=f"Pass {name}: Succeeded")).to_have_count(1)
        assert page.locator("img").count() == 0
        assert "\u202e" not in page.locator("body").inner_text()
        assert "owned" not in page.title()
    expect(page.get_by_role("row").filter(has_text=SHOWN[0]).first).to_be_visible()
    pictures(page, "hostile")


def test_a_state_whose_name_has_a_slash_can_be_chosen(page, site):
    execution = site.start(site.machine(hostile()))
    site.ended(execution)
    page.goto(site.execution_page(execution))
    page.get_by_role("button", name=f"Pass {SHOWN[3]}: Succeeded").click()
    expect(page.get_by_role("heading", level=2, name=SHOWN[3])).to_be_visible()
