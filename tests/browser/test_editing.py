"""Editing a state machine: errors where they are, the graph beside, changes made in either."""

import json

from playwright.sync_api import Page, expect

from browser.machines import passes


def write(page: Page, text: str) -> None:
    """Replace what the editor has, as somebody who pastes."""
    editor = page.get_by_role("textbox", name="Definition")
    editor.click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(text)


def definition(site, arn: str) -> dict:
    return json.loads(site.aws.describe_state_machine(stateMachineArn=arn)["definition"])


def open_editor(page: Page, site, arn: str) -> None:
    page.goto(site.page(f"machines/{site.quoted(arn)}/edit"))
    expect(page.locator('.edit[data-ready="true"]')).to_be_visible()
    expect(page.get_by_role("textbox", name="Definition")).to_be_visible()


def test_an_error_is_shown_where_it_is_and_goes_with_its_fix(refusals, page, site, pictures):
    arn = site.machine(passes("One", "Two"), "edited")
    open_editor(page, site, arn)
    broken = json.dumps(passes("One", "Two") | {"StartAt": "Nowhere"}, indent=2)
    write(page, broken)
    problems = page.get_by_role("region", name="Problems")
    expect(problems).to_contain_text("MISSING_TRANSITION_TARGET")
    expect(page.locator(".cm-lint-marker-error").first).to_be_visible()
    expect(page.locator(".node.unknown")).to_have_count(1)
    pictures(page, "edit-error")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_contain_text("InvalidDefinition")
    write(page, broken.replace("Nowhere", "One"))
    expect(problems).to_contain_text("No errors")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    assert definition(site, arn) == passes("One", "Two")


def test_an_action_that_does_not_exist_is_told_before_saving(page, site):
    open_editor(page, site, site.machine(passes("One")))
    task = {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:sqs:sendMesage", "Parameters": {}, "End": True}
    write(page, json.dumps({"StartAt": "One", "States": {"One": task}}, indent=2))
    expect(page.get_by_role("region", name="Problems")).to_contain_text("sendMesage")
    expect(page.locator(".cm-lint-marker-error")).to_have_count(1)


def test_a_text_that_is_no_json_leaves_the_page_working(page, site):
    open_editor(page, site, site.machine(passes("One")))
    write(page, '{"StartAt": "One", "States": {')
    expect(page.get_by_role("region", name="Problems")).to_contain_text("error")
    expect(page.get_by_role("button", name="Save")).to_be_visible()
    # The graph of before stays until there is another.
    expect(page.get_by_role("button", name="Pass One")).to_be_visible()


def test_what_a_program_wrote_in_one_line_is_shown_in_many(page, site):
    arn = site.machine(passes("One", "Two"))
    open_editor(page, site, arn)
    expect(page.get_by_role("textbox", name="Definition")).to_contain_text('  "StartAt": "One"')
    page.goto(site.page(f"machines/{site.quoted(arn)}?tab=definition"))
    expect(page.get_by_role("textbox", name="Definition")).to_contain_text('  "StartAt": "One"')


def test_the_editor_is_left_by_keys(page, site):
    open_editor(page, site, site.machine(passes("One")))
    editor = page.get_by_role("textbox", name="Definition")
    editor.focus()
    page.keyboard.press("Tab")
    expect(editor).to_be_focused()
    page.keyboard.press("Escape")
    page.keyboard.press("Tab")
    expect(editor).not_to_be_focused()


def test_a_state_is_put_on_an_edge_and_the_edge_led_elsewhere(page, site):
    arn = site.machine(passes("One", "Two", "Three"), "rewired")
    open_editor(page, site, arn)
    page.locator('[data-edge="/States/One/Next"] path').dispatch_event("click")
    page.get_by_role("toolbar", name="Edge").get_by_label("Insert").select_option("Wait")
    expect(page.get_by_role("button", name="Wait New Wait")).to_be_visible()
    page.locator('[data-edge="/States/New Wait/Next"] path').dispatch_event("click")
    page.get_by_role("toolbar", name="Edge").get_by_label("Leads to").select_option("Three")
    page.get_by_role("button", name="Pass Two").click()
    page.get_by_role("button", name="Delete this state").click()
    expect(page.get_by_role("button", name="Pass Two")).to_have_count(0)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    states = definition(site, arn)["States"]
    assert list(states) == ["One", "Three", "New Wait"]
    assert states["One"]["Next"] == "New Wait"
    assert states["New Wait"] == {"Type": "Wait", "Seconds": 5, "Next": "Three"}


def test_a_definition_is_written_as_yaml_and_created(page, site):
    page.goto(site.page("create"))
    page.get_by_role("button", name="As YAML").click()
    expect(page.get_by_role("button", name="As JSON")).to_be_visible()
    expect(page.get_by_role("textbox", name="Definition")).to_contain_text("StartAt: Hello")
    page.get_by_label("Name").fill("by-hand")
    page.get_by_role("button", name="Create").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("by-hand")


def test_names_of_states_and_fields_are_offered(page, site):
    open_editor(page, site, site.machine(passes("One", "Two")))
    write(page, '{\n  "StartAt": "O"\n}')
    page.keyboard.press("Control+Home")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("End")
    page.keyboard.insert_text(',\n  "')
    page.keyboard.type("Time")
    expect(page.get_by_role("option", name="TimeoutSeconds")).to_be_visible()


def test_versions_are_published_led_to_by_an_alias_and_compared(page, site, pictures):
    arn = site.machine(passes("One", "Two"), "versioned")
    page.goto(site.page(f"machines/{site.quoted(arn)}?tab=versions"))
    page.get_by_role("button", name="Publish a version").click()
    expect(page.get_by_text("Version 1", exact=True)).to_be_visible()
    page.get_by_role("button", name="Create an alias…").click()
    page.get_by_role("dialog").get_by_label("Name").fill("live")
    page.get_by_role("dialog").get_by_role("button", name="Save").click()
    expect(page.get_by_text("version 1: 100 %")).to_be_visible()
    changed = passes("One", "Three")
    site.aws.update_state_machine(stateMachineArn=arn, definition=json.dumps(changed))
    page.get_by_role("link", name="Compare with now").click()
    expect(page.get_by_text("1 states added, 1 removed, 1 changed")).to_be_visible()
    expect(page.locator(".cm-mergeView")).to_be_visible()
    pictures(page, "diff-versions")
