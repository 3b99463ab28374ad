"""Answers that come late, not at all, or while more happens: what is shown is true all the same."""

import re

from playwright.sync_api import expect

from browser.machines import passes, waits_for_activity


def test_a_late_answer_to_an_earlier_search_is_not_shown(page, site):
    machine = site.machine(passes("One"), "late-answers")
    for name in ("earlier-1", "later-1"):
        site.ended(site.start(machine, name=name))
    held = []

    def hold(route) -> None:
        held.append(route)

    page.route(re.compile(r"/api/executions\?.*name=earlier"), hold)
    page.goto(site.page("executions"))
    search = page.get_by_role("searchbox", name="Name")
    with page.expect_request(re.compile("name=earlier")):
        search.fill("earlier")
    search.fill("later")
    expect(page.get_by_role("link", name="later-1")).to_be_visible()
    expect(page.locator("tbody tr")).to_have_count(1)
    with page.expect_response(re.compile("name=earlier")):
        for route in held:
            route.continue_()
    page.evaluate("new Promise(requestAnimationFrame)")
    expect(page.get_by_role("link", name="later-1")).to_be_visible()
    expect(page.get_by_role("link", name="earlier-1")).to_have_count(0)


def test_the_way_back_shows_the_search_of_before(page, site):
    page.goto(site.page("executions?name=before"))
    search = page.get_by_role("searchbox", name="Name")
    expect(search).to_have_value("before")
    page.get_by_role("link", name="Executions").click()
    expect(search).to_have_value("")
    page.go_back()
    expect(search).to_have_value("before")


def test_what_is_in_flight_leaves_that_list_when_it_ends(page, site):
    activity = site.aws.create_activity(name="leaves")["activityArn"]
    site.start(site.machine(waits_for_activity(activity)), name="leaves-1")
    page.goto(site.page("executions?status=RUNNING&name=leaves"))
    expect(page.get_by_role("link", name="leaves-1")).to_be_visible()
    token = site.aws.get_activity_task(activityArn=activity)["taskToken"]
    site.aws.send_task_success(taskToken=token, output="{}")
    expect(page.get_by_role("link", name="leaves-1")).to_have_count(0)


def test_events_that_happen_while_the_others_are_fetched_are_not_missed(page, site):
    activity = site.aws.create_activity(name="meanwhile")["activityArn"]
    execution = site.start(site.machine(waits_for_activity(activity)))
    held = []
    page.route(re.compile("/api/execution/events"), lambda route: held.append((route, route.fetch())), times=1)
    page.goto(site.execution_page(execution, "?view=events"))
    expect(page.get_by_role("button", name="Task Work: Waiting")).to_be_visible()
    expect(page.locator(".execution")).to_have_attribute("data-ready", "true")
    page.wait_for_function("document.querySelector('.slider output').textContent.startsWith('loading')")
    token = site.aws.get_activity_task(activityArn=activity)["taskToken"]
    site.aws.send_task_success(taskToken=token, output="{}")
    expect(page.locator(".page-header")).to_contain_text("Succeeded")
    (route, response) = held[0]
    route.fulfill(response=response)
    last = site.aws.get_execution_history(executionArn=execution)["events"][-1]["id"]
    expect(page.locator("[data-count]")).to_have_attribute("data-count", str(last))


def test_a_list_that_could_not_be_fetched_is_there_after_trying_again(page, site, refusals):
    site.machine(passes("One"), "tried-again")
    page.route("**/ListStateMachines*", lambda route: route.fulfill(status=400, body='{"message": "no"}'), times=1)
    page.goto(site.page("machines"))
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("link", name="tried-again")).to_be_visible()


def test_the_inbox_has_the_tasks_that_no_worker_took_or_that_one_has(page, site):
    activity = site.aws.create_activity(name="nobody")["activityArn"]
    site.start(site.machine(waits_for_activity(activity)), {"for": "nobody"}, name="nobody-1")
    page.goto(site.page("inbox"))
    page.get_by_role("button", name="For a worker").click()
    task = page.get_by_role("listitem").filter(has=page.get_by_role("link", name="nobody-1"))
    expect(task).to_contain_text("Work")
    expect(task).not_to_contain_text("a worker has it")
    site.aws.get_activity_task(activityArn=activity)
    expect(task).to_contain_text("a worker has it")


def test_an_address_that_is_not_encoded_as_it_should_be_is_refused_in_words(page, site, refusals):
    page.goto(site.page("executions"))
    page.evaluate(
        "history.pushState(null, '', '/console/executions/%E0%A4'); dispatchEvent(new PopStateEvent('popstate'))"
    )
    expect(page.get_by_role("alert")).to_be_visible()
