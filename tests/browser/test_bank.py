"""The bank, by hand: watched as it turns, approved in the inbox, seen to its end."""

import pytest
from playwright.sync_api import expect

from browser.site import Site
from examples.bank_run import COMMAND, running


@pytest.fixture
def bank(tmp_path):
    """The README's main job, as it is run there."""
    with running(tmp_path / "bank") as bank:
        yield bank


@pytest.fixture
def site(bank, tmp_path):
    bank.until(COMMAND)
    return Site.of(tmp_path / "bank" / "stepwell")


def test_a_person_approves_the_flagged_application_in_the_inbox_and_the_account_is_opened(page, site, pictures):
    page.goto(site.page("executions?status=RUNNING"))
    page.get_by_role("link", name="charles-babbage").click()
    expect(page.locator('.execution[data-ready="true"]')).to_be_visible()
    expect(page.get_by_role("button", name="Task Wait For Review: Waiting")).to_be_visible()
    pictures(page, "bank-waits")
    watched = page.context.new_page()
    watched.goto(site.page("inbox"))
    task = watched.get_by_role("listitem").filter(has_text="Wait For Review")
    expect(task).to_contain_text("charles-babbage")
    assert "<task token>" in task.inner_text()
    pictures(watched, "bank-inbox")
    task.get_by_label("Your name").fill("Grace")
    task.get_by_role("button", name="Approve").click()
    expect(watched.get_by_text("Nothing waits here.")).to_be_visible()
    expect(page.locator(".page-header")).to_contain_text("Succeeded")
    expect(page.locator(".whole")).to_contain_text("account_number")
    pictures(page, "bank-approved")
