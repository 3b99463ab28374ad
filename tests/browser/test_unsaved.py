"""What was changed in a definition and not saved is not lost without a word."""

import re

import pytest
from playwright.sync_api import Page, expect

from browser.machines import passes
from browser.test_editing import open_editor, write

CHANGED = '{"StartAt": "Other", "States": {"Other": {"Type": "Succeed"}}}'
ASKED = "Leave without saving?"


@pytest.fixture
def changed(page, site) -> Page:
    """An editor in which something was changed, reached from the list of executions."""
    arn = site.machine(passes("One"))
    page.goto(site.page("executions"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Executions")
    page.goto(site.page("machines"))
    name = arn.split(":")[-1]
    page.get_by_role("row").filter(has=page.get_by_role("link", name=name, exact=True)).get_by_role(
        "link", name="Edit"
    ).click()
    expect(page.get_by_role("textbox", name="Definition")).to_be_visible()
    write(page, CHANGED)
    expect(page).to_have_title(re.compile("^• Edit"))
    return page


def asked(page: Page):
    return page.get_by_role("dialog", name=ASKED)


def test_a_link_asks_before_changes_are_lost(changed):
    page = changed
    page.get_by_role("link", name="Inbox").click()
    asked(page).get_by_role("button", name="Go on editing").click()
    expect(asked(page)).to_have_count(0)
    expect(page.get_by_role("textbox", name="Definition")).to_contain_text("Other")
    assert page.url.endswith("/edit")
    page.get_by_role("link", name="Inbox").click()
    asked(page).get_by_role("button", name="Leave without saving").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Inbox")


def test_the_way_back_and_forth_asks_and_leads_where_it_should(changed):
    page = changed
    editor = page.url
    page.go_back()
    expect(asked(page)).to_be_visible()
    page.evaluate(
        """url => new Promise(done => {
            const look = () => location.href === url ? done() : requestAnimationFrame(look);
            look();
        })""",
        editor,
    )
    page.keyboard.press("Escape")
    expect(asked(page)).to_have_count(0)
    page.go_back()
    asked(page).get_by_role("button", name="Leave without saving").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("State machines")
    page.go_forward()
    expect(page.get_by_role("textbox", name="Definition")).to_contain_text("One")
    write(page, CHANGED)
    expect(page).to_have_title(re.compile("^•"))
    page.go_back()
    asked(page).get_by_role("button", name="Leave without saving").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("State machines")


def test_loading_anew_and_closing_ask_until_it_is_saved(changed):
    page = changed
    questions = []

    def stay(dialog) -> None:
        questions.append(dialog.type)
        dialog.dismiss()

    page.on("dialog", stay)
    with page.expect_event("dialog"):
        page.evaluate("location.reload()")
    with page.expect_event("dialog"):
        page.close(run_before_unload=True)
    expect(page.get_by_role("textbox", name="Definition")).to_contain_text("Other")
    assert questions == ["beforeunload", "beforeunload"]
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    expect(page).to_have_title(re.compile("^Edit"))
    page.reload()
    page.get_by_role("link", name="Inbox").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Inbox")
    assert len(questions) == 2


def test_what_is_as_it_was_or_was_created_asks_nothing(page, site):
    open_editor(page, site, site.machine(passes("One")))
    write(page, CHANGED)
    page.keyboard.press("Control+z")
    expect(page).to_have_title(re.compile("^Edit"))
    page.get_by_role("link", name="Inbox").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Inbox")
    page.goto(site.page("create"))
    write(page, CHANGED)
    page.get_by_label("Name").fill("asks-nothing")
    page.get_by_role("button", name="Create").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("asks-nothing")


def test_logging_out_asks_before_changes_are_lost(browser, site):
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(site.link())
        expect(page.get_by_role("heading", level=1)).to_have_text("Overview")
        page.goto(site.page("create"))
        expect(page.get_by_role("textbox", name="Definition")).to_be_visible()
        write(page, CHANGED)
        expect(page).to_have_title(re.compile("^•"))
        page.get_by_role("button", name="Log out").click()
        asked(page).get_by_role("button", name="Leave without saving").click()
        expect(page.get_by_text("stepwell console")).to_be_visible()
