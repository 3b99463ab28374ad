"""One execution: watched, understood, repaired."""

import json
import re

from playwright.sync_api import Page, expect

from browser.machines import CATCHES, DECIDES, EACH, passes, waits_for_activity
from browser.site import Site
from e2e.server import Server


def open_page(page: Page, site, arn: str, query: str = "") -> None:
    page.goto(site.execution_page(arn, query))
    expect(page.locator('.execution[data-ready="true"]')).to_be_visible()


def test_what_happens_shows_without_reloading(page, site):
    activity = site.aws.create_activity(name="live")["activityArn"]
    execution = site.start(site.machine(waits_for_activity(activity)))
    open_page(page, site, execution)
    expect(page.get_by_role("button", name="Task Work: Waiting")).to_be_visible()
    expect(page).to_have_title(re.compile("Running"))
    token = site.aws.get_activity_task(activityArn=activity)["taskToken"]
    site.aws.send_task_success(taskToken=token, output='{"done": true}')
    expect(page.get_by_role("button", name="Pass After: Succeeded")).to_be_visible()
    expect(page).to_have_title(re.compile("Succeeded"))
    expect(page.locator(".page-header")).to_contain_text("Succeeded")


def test_a_state_says_why_it_waits(page, site):
    activity = site.aws.create_activity(name="why")["activityArn"]
    execution = site.start(site.machine(waits_for_activity(activity)))
    open_page(page, site, execution, "?state=/States/Work")
    expect(page.get_by_text("Why it waits:")).to_be_visible()


def test_a_failure_is_explained_with_the_data_that_led_to_it(page, site, pictures):
    execution = site.start(site.machine(DECIDES), {"ok": False, "who": "Ada"})
    site.ended(execution)
    open_page(page, site, execution)
    page.keyboard.press("f")
    expect(page.get_by_role("heading", level=2, name="Not Fine")).to_be_visible()
    panel = page.locator(".visit")
    expect(panel).to_contain_text("NotFine")
    expect(panel).to_contain_text("It was not ok.")
    expect(panel.get_by_role("region", name="Input")).to_contain_text('"who": "Ada"')
    panel.get_by_role("tab", name="Variables").click()
    expect(panel.get_by_role("region", name="variables")).to_contain_text('"who": "Ada"')
    pictures(page, "failure")
    page.get_by_role("button", name="Choice Is It Fine?").click()
    expect(panel.locator(".facts")).to_contain_text("NextNot Fine")


def test_an_error_that_was_caught_says_by_which_catcher_and_where_it_led(page, site, pictures):
    execution = site.start(site.machine(CATCHES))
    site.ended(execution)
    open_page(page, site, execution)
    expect(page.locator("[data-edge='/States/Both/Catch/1'].taken")).to_have_count(1)
    expect(page.locator("[data-edge='/States/Both/Next'].taken")).to_have_count(0)
    page.get_by_role("button", name="Fail Fails: Failed").click()
    panel = page.locator(".visit")
    expect(panel).to_contain_text("Caught by Both, in its catcher 2 (Odd), which led to Mend.")
    panel.get_by_role("button", name="Both").click()
    expect(panel).to_contain_text("Caught by its catcher 2 (Odd), which led to Mend.")
    pictures(page, "caught")
    panel.get_by_role("button", name="Mend").click()
    expect(page.get_by_role("heading", level=2, name="Mend")).to_be_visible()


def test_time_travel_shows_how_it_stood(page, site):
    execution = site.start(site.machine(passes("One", "Two", "Three")))
    site.ended(execution)
    open_page(page, site, execution)
    slider = page.get_by_role("slider", name="Time travel")
    expect(slider).to_be_enabled()
    slider.fill("3")
    expect(page.get_by_role("button", name="Pass One: Succeeded")).to_be_visible()
    expect(page.get_by_role("button", name="Pass Two", exact=True)).to_be_visible()
    slider.fill("4")
    expect(page.get_by_role("button", name="Pass Two: Running")).to_be_visible()
    page.get_by_role("button", name="Back to now").click()
    expect(page.get_by_role("button", name="Pass Three: Succeeded")).to_be_visible()


def test_an_execution_is_stopped_and_redriven_by_hand(page, site):
    activity = site.aws.create_activity(name="redriven")["activityArn"]
    execution = site.start(site.machine(waits_for_activity(activity)))
    open_page(page, site, execution)
    page.get_by_role("button", name="Stop", exact=True).click()
    page.get_by_role("button", name="Stop it").click()
    expect(page.locator(".page-header")).to_contain_text("Aborted")
    page.get_by_role("button", name="Redrive").click()
    page.get_by_role("dialog").get_by_role("button", name="Redrive").click()
    expect(page.locator(".page-header")).to_contain_text("redriven 1×")
    token = site.aws.get_activity_task(activityArn=activity)["taskToken"]
    site.aws.send_task_success(taskToken=token, output="{}")
    expect(page.locator(".page-header")).to_contain_text("Succeeded")


def test_the_iterations_of_a_map_are_looked_at_one_by_one(page, site):
    execution = site.start(site.machine(EACH), {"items": [1, 2, "three"]})
    site.ended(execution)
    open_page(page, site, execution, "?state=/States/Each")
    page.locator(".visit").get_by_role("tab", name="Iterations").click()
    rows = page.locator(".iterations tbody tr")
    expect(rows).to_have_count(3)
    expect(page.locator(".iterations")).to_contain_text("1 failed")
    page.locator(".iterations").get_by_label("Status").select_option("Failed")
    expect(rows).to_have_count(1)
    rows.get_by_role("button", name="Refuse").click()
    expect(page.get_by_role("heading", level=2, name="Refuse")).to_be_visible()
    expect(page.locator(".visit")).to_contain_text("#2")


def test_the_page_goes_on_where_it_was_after_the_server_was_killed(browser, tmp_path):
    data = tmp_path / "data"
    server = Server(data).start()
    port = server.url.rsplit(":", 1)[1]
    site = Site(server.url, data)
    activity = site.aws.create_activity(name="again")["activityArn"]
    execution = site.start(site.machine(waits_for_activity(activity)))
    with browser.new_context() as context:
        context.add_cookies(site.cookies())
        page = context.new_page()
        open_page(page, site, execution)
        server.kill()
        expect(page.get_by_text("The live connection is lost")).to_be_visible()
        server = Server(data, "--port", port).start()
        expect(page.get_by_text("The live connection is lost")).to_have_count(0)
        token = site.aws.get_activity_task(activityArn=activity)["taskToken"]
        site.aws.send_task_success(taskToken=token, output="{}")
        expect(page.get_by_role("button", name="Pass After: Succeeded")).to_be_visible()
        expect(page.get_by_role("tab", name="Events")).to_contain_text("(11)")
    server.stop()


def test_a_fork_begins_at_a_state_with_other_data(page, site, pictures):
    execution = site.start(site.machine(DECIDES), {"ok": False, "who": "Ada"})
    site.ended(execution)
    page.goto(site.page(f"executions/{site.quoted(execution)}/fork?state=/States/Is It Fine?"))
    expect(page.locator('[data-ready="true"]')).to_be_visible()
    page.get_by_label("Its input (JSON)").fill('{"ok": true}')
    page.get_by_role("button", name="Show what would run").click()
    expect(page.get_by_role("heading", name="What would run")).to_be_visible()
    pictures(page, "fork")
    page.get_by_role("button", name="Start the fork").click()
    expect(page.locator(".page-header")).to_contain_text("Succeeded")
    expect(page.locator(".whole")).to_contain_text('"hello": "Ada"')


def test_two_executions_are_compared_where_they_part(page, site, pictures):
    machine = site.machine(DECIDES)
    good, bad = (site.start(machine, {"ok": ok, "who": "Ada"}) for ok in (True, False))
    site.ended(good), site.ended(bad)
    page.goto(site.page(f"compare?a={site.quoted(good)}&b={site.quoted(bad)}"))
    expect(page.get_by_role("status")).to_contain_text("They differ first at Prepare")
    expect(page.get_by_role("row").filter(has_text="Not Fine")).to_contain_text("not entered")
    expect(page.locator(".cm-mergeView")).to_be_visible()
    pictures(page, "compare")


def test_two_chosen_in_the_list_are_compared(page, site):
    machine = site.machine(DECIDES, "chosen")
    for ok in (True, False):
        site.ended(site.start(machine, {"ok": ok, "who": "Ada"}))
    page.goto(site.page(f"machines/{site.quoted(machine)}"))
    boxes = page.get_by_role("checkbox", name="Choose")
    expect(boxes).to_have_count(2)
    for box in boxes.all():
        box.check()
    page.get_by_role("button", name="Compare the two").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Compare two executions")


def test_executions_of_all_machines_are_found_by_text_and_the_search_is_in_the_address(page, site):
    needle = "needle-7431"
    found = site.start(site.machine(passes("One"), "haystack"), {"order": needle})
    site.ended(found)
    page.goto(site.page("executions"))
    page.get_by_role("searchbox", name="Text").fill(needle)
    name = found.split(":")[-1]
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(page.get_by_role("link", name=name)).to_be_visible()
    assert needle in page.url
    page.reload()
    expect(page.locator("tbody tr")).to_have_count(1)


def test_a_list_shows_what_starts_without_reloading(page, site):
    machine = site.machine(passes("One"), "list-lives")
    page.goto(site.page("executions?name=livelist"))
    expect(page.get_by_text("No execution is like that.")).to_be_visible()
    site.start(machine, name="livelist-1")
    expect(page.get_by_role("link", name="livelist-1")).to_be_visible()


def test_start_checks_the_input_remembers_it_and_leads_to_the_execution(page, site):
    machine = site.machine(passes("One"), "starts")
    page.goto(site.page(f"machines/{site.quoted(machine)}"))
    page.get_by_role("button", name="Start an execution…").click()
    page.get_by_label("Input (JSON)").fill('{"n": 1')
    expect(page.get_by_role("button", name="Start", exact=True)).to_be_disabled()
    page.get_by_label("Input (JSON)").fill('{"n": 1}')
    page.get_by_role("button", name="Start", exact=True).click()
    expect(page.locator(".page-header")).to_contain_text("Succeeded")
    page.get_by_role("button", name="Start again…").click()
    expect(page.get_by_label("Inputs of before")).to_contain_text('{"n": 1}')


def test_a_menu_closes_by_esc_and_by_a_click_elsewhere(page, site):
    page.goto(site.page("executions"))
    menu, choice = page.locator("summary").filter(has_text="Status"), page.get_by_label("Timed out")
    menu.click()
    choice.check()
    expect(choice).to_be_visible()
    page.keyboard.press("Escape")
    expect(choice).to_be_hidden()
    expect(menu).to_be_focused()
    menu.click()
    expect(choice).to_be_visible()
    page.get_by_role("heading", level=1).click()
    expect(choice).to_be_hidden()
    menu.press("Enter")
    for _ in range(6):  # past the five statuses
        page.keyboard.press("Tab")
    expect(choice).to_be_hidden()


def test_an_execution_is_copied_as_a_command_and_exported(page, context, site):
    context.grant_permissions(["clipboard-read", "clipboard-write"], origin=site.url)
    execution = site.start(site.machine(passes("One")), {"it's": 1})
    site.ended(execution)
    open_page(page, site, execution)
    page.get_by_text("More").click()
    page.get_by_role("button", name="Copy start as AWS CLI").click()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert "aws stepfunctions start-execution" in copied
    assert site.url in copied
    page.get_by_text("More").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Export as JSON").click()
    exported = json.loads(download.value.path().read_text())
    assert execution in json.dumps(exported)
