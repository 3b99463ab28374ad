"""Trying things out: an expression over data, a state alone with a mock."""

import json

from playwright.sync_api import expect


def test_an_expression_is_evaluated_as_it_is_written(page, site):
    page.goto(site.page("playground"))
    result = page.get_by_role("region", name="result", exact=True)
    expect(result).to_contain_text('"total": 18.5')
    page.get_by_role("textbox", name="Expression").fill("$states.input.items[1].name")
    expect(result).to_contain_text('"book"')
    page.get_by_role("textbox", name="Expression").fill("$sum('x')")
    expect(page.get_by_role("region", name="Result", exact=True)).to_contain_text("States.QueryEvaluationError")
    page.get_by_label("Language").select_option("JSONPath")
    expect(result).to_contain_text('"book"')


def test_a_state_is_tested_alone_with_a_mock_of_what_it_calls(page, site):
    page.goto(site.page("playground?tab=state"))
    page.get_by_role("button", name="Test the state").click()
    answer = page.get_by_role("region", name="Result", exact=True)
    expect(answer).to_contain_text("Succeeded")
    expect(answer).to_contain_text("goes on with Ship")
    expect(answer.get_by_role("region", name="output")).to_contain_text('"charged": true')
    expect(answer.get_by_role("region", name="stages")).to_contain_text("afterArguments")
    page.get_by_label("What it calls").select_option("error")
    page.get_by_role("button", name="Test the state").click()
    expect(answer).to_contain_text("Failed")
    expect(answer).to_contain_text("Lambda.TooManyRequestsException")


def test_times_are_shown_in_utc_on_demand_and_stay_so(page, site):
    machine = site.machine({"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}}, "utc")
    execution = site.start(machine, name="in-utc")
    started = site.ended(execution)["startDate"]
    page.goto(site.page("executions?name=in-utc"))
    time = page.locator("tbody time")
    local = time.inner_text()
    page.get_by_role("button", name="Local time").click()
    expect(time).not_to_have_text(local)
    expect(time).to_contain_text(f"{started.utctimetuple().tm_hour:02}:{started.utctimetuple().tm_min:02}")
    page.reload()
    expect(time).to_contain_text(f"{started.utctimetuple().tm_hour:02}:{started.utctimetuple().tm_min:02}")


def test_the_look_that_was_chosen_stays(page, site):
    page.goto(site.page())
    page.get_by_role("button", name="Light or dark").click()
    page.get_by_role("button", name="Light", exact=True).click()
    assert page.evaluate("getComputedStyle(document.documentElement).colorScheme") == "dark"
    page.reload()
    expect(page.get_by_role("button", name="Dark", exact=True)).to_be_visible()
    assert json.loads(page.evaluate("JSON.stringify(localStorage['stepwell.theme'])")) == "dark"
