"""Who sees the console: whoever has the link that the server printed, once."""

from playwright.sync_api import expect

from browser.conftest import watch


def test_the_printed_link_logs_in_once_and_leaves_no_token_in_the_address(browser, site):
    link = site.link()
    for turn in ("first", "second"):
        with browser.new_context() as context:
            page = context.new_page()
            page.goto(link)
            if turn == "first":
                expect(page.get_by_role("heading", level=1)).to_have_text("Overview")
                assert "token" not in page.url
                page.reload()
                expect(page.get_by_role("heading", level=1)).to_have_text("Overview")
            else:
                expect(page.get_by_role("alert")).to_contain_text("LoginRefused")


def test_without_a_session_nothing_is_shown_but_how_to_log_in(browser, site):
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(site.page("executions"))
        expect(page.get_by_text("stepwell console")).to_be_visible()
        expect(page.get_by_role("navigation")).to_have_count(0)


def test_logging_out_ends_the_session(browser, site):
    with browser.new_context() as context:
        problems = watch(context, site.url)
        page = context.new_page()
        page.goto(site.link())
        page.get_by_role("button", name="Log out").click()
        expect(page.get_by_text("stepwell console")).to_be_visible()
        assert all("401" in problem for problem in problems), problems
        page.reload()
        expect(page.get_by_text("stepwell console")).to_be_visible()
