"""The three services of the bank, each by itself: a task may be handed over twice, and nothing happens twice."""

import ast
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from account_applications import functions as applications
from account_applications import register, workflow
from accounts import functions as accounts
from accounts import ledger
from data_checking import functions as checking
from data_checking.rules import UnprocessableDataException
from hypothesis import given
from hypothesis import strategies as st

SERVICES = Path(applications.__file__).parents[1]
DOUBTFUL = {
    "name": {"flagged": False, "reason": None},
    "address": {"flagged": True, "reason": "the address is a post office box"},
}


@pytest.fixture(autouse=True)
def data(tmp_path, monkeypatch):
    monkeypatch.setenv("BANK_DATA", str(tmp_path))
    return tmp_path


def flag(application_id, token):
    event = {"application_id": application_id, "checks": DOUBTFUL, "task_token": token}
    return applications.flag_for_review(event, None)


def approval(application_id, number, review=None):
    event = {"application_id": application_id, "account": {"account_number": number}}
    return event if review is None else {**event, "review": review}


@pytest.mark.parametrize("name", ["Ada Lovelace", "Jean-Luc O'Neill", "Dr. Zoë Müller", "王 小明"])
def test_a_plausible_name_is_not_flagged(name):
    assert checking.check_name({"name": name}, None) == {"flagged": False, "reason": None}


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("Bobby'; DROP TABLE", "the name has characters that names don't have"),
        ("R2 D2", "the name has characters that names don't have"),
        ("Plato", "the name has no first and last name"),
        ("James  MORIARTY", "the name is on the watch list"),
    ],
)
def test_a_doubtful_name_is_flagged_with_the_reason(name, reason):
    assert checking.check_name({"name": name}, None) == {"flagged": True, "reason": reason}


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("12 St James's Square, London", None),
        ("P.O. Box 42, London", "the address is a post office box"),
        ("Buckingham Palace, London", "the address has no house number"),
    ],
)
def test_an_address_is_flagged_where_nobody_can_live(address, reason):
    assert checking.check_address({"address": address}, None) == {"flagged": reason is not None, "reason": reason}


@pytest.mark.parametrize("value", [None, 42, "", "12345", "???", "x" * 501])
@pytest.mark.parametrize("field", ["name", "address"])
def test_data_that_no_rule_applies_to_is_unprocessable(field, value):
    check = checking.check_name if field == "name" else checking.check_address
    with pytest.raises(UnprocessableDataException, match=f"^The {field} "):
        check({field: value}, None)


@given(st.text(max_size=300))
def test_every_text_is_checked_or_unprocessable(text):
    for check, field in ((checking.check_name, "name"), (checking.check_address, "address")):
        try:
            verdict = check({field: text}, None)
        except UnprocessableDataException:
            continue
        assert verdict["flagged"] == (verdict["reason"] is not None)


def test_an_account_is_opened_once_for_an_application_even_by_many_at_once():
    event = {"application_id": "ada-1", "name": "Ada Lovelace"}
    with ThreadPoolExecutor(8) as pool:
        opened = list(pool.map(lambda _: accounts.open_account(event, None), range(16)))
    assert all(account == opened[0] for account in opened)
    assert [account.account_number for account in ledger.accounts_of("ada-1")] == [opened[0]["account_number"]]


def test_two_applications_get_two_account_numbers():
    first = accounts.open_account({"application_id": "ada-1", "name": "Ada Lovelace"}, None)
    second = accounts.open_account({"application_id": "ada-2", "name": "Ada Lovelace"}, None)
    assert first["account_number"] != second["account_number"]
    assert ledger.accounts_of("nobody") == []


def test_an_application_that_is_submitted_twice_is_one():
    first = register.submit("Ada Lovelace", "12 St James's Square, London", "ada-1")
    assert register.submit("Somebody Else", "1 Elsewhere", "ada-1") == first
    assert applications.find_application({"application_id": "ada-1"}, None)["status"] == "SUBMITTED"


@given(st.text(max_size=200))
def test_an_id_can_name_an_execution(name):
    application_id = register.new_id(name)
    assert 1 <= len(application_id) <= 80
    assert all(char.isascii() and (char.isalnum() or char == "-") for char in application_id)


def test_an_unknown_application_is_an_error_that_names_it():
    with pytest.raises(register.ApplicationNotFound, match="nobody-1"):
        applications.find_application({"application_id": "nobody-1"}, None)


def test_flagging_twice_keeps_the_newest_token_and_does_not_show_it():
    register.submit("Charles Babbage", "PO Box 42, London", "charles-1")
    flag("charles-1", "old token")
    record = flag("charles-1", "new token")
    assert register.task_token_of("charles-1") == "new token"
    assert record["status"] == "FLAGGED"
    assert record["reason"] == "the address is a post office box"
    assert "token" not in str(record)


def test_approving_twice_returns_the_same_record():
    register.submit("Ada Lovelace", "12 St James's Square, London", "ada-1")
    first = applications.approve_application(approval("ada-1", "10000001"), None)
    assert first == applications.approve_application(approval("ada-1", "10000001"), None)
    assert (first["status"], first["account_number"], first["reviewer"]) == ("APPROVED", "10000001", None)


def test_a_closed_application_stays_as_it_is():
    register.submit("Charles Babbage", "PO Box 42, London", "charles-1")
    flag("charles-1", "token")
    review = {"decision": "REJECT", "reviewer": "grace", "comment": "no"}
    closed = applications.reject_application({"application_id": "charles-1", "review": review}, None)
    assert (closed["status"], closed["reviewer"], closed["reason"]) == ("REJECTED", "grace", "no")
    late = {"application_id": "charles-1", "problem": {"errorMessage": "late"}}
    for change in (
        lambda: flag("charles-1", "token"),
        lambda: applications.approve_application(approval("charles-1", "10000001"), None),
        lambda: applications.flag_as_unprocessable(late, None),
        lambda: register.task_token_of("charles-1"),
    ):
        with pytest.raises(register.ApplicationClosed, match="charles-1 is REJECTED"):
            change()
    assert applications.find_application({"application_id": "charles-1"}, None) == closed


def test_unprocessable_data_closes_an_application_with_the_reason():
    register.submit("12345", "1 Main Street", "x-1")
    event = {"application_id": "x-1", "problem": {"errorMessage": "The name has no letters: '12345'"}}
    record = applications.flag_as_unprocessable(event, None)
    assert (record["status"], record["reason"]) == ("UNPROCESSABLE", "The name has no letters: '12345'")


def test_a_review_answers_the_token_that_waits(monkeypatch):
    register.submit("Charles Babbage", "PO Box 42, London", "charles-1")
    flag("charles-1", "the token")
    sent = []
    monkeypatch.setattr(workflow, "answer", lambda token, review: sent.append((token, review)))
    event = {"application_id": "charles-1", "decision": "APPROVE", "reviewer": "grace", "comment": "I know him"}
    applications.review_application(event, None)
    assert sent == [("the token", {"decision": "APPROVE", "reviewer": "grace", "comment": "I know him"})]


def test_a_review_needs_a_decision_that_the_process_knows():
    event = {"application_id": "charles-1", "decision": "PERHAPS", "reviewer": "grace"}
    with pytest.raises(ValueError, match="APPROVE or REJECT, not 'PERHAPS'"):
        applications.review_application(event, None)


def submit_and_fail():
    with register._database() as database:
        database.execute("INSERT INTO applications (application_id, name, address, status) VALUES ('a', 'b', 'c', 'd')")
        raise RuntimeError


def test_a_failed_change_leaves_the_database_as_it_was(data):
    with pytest.raises(RuntimeError):
        submit_and_fail()
    with pytest.raises(register.ApplicationNotFound):
        register.find("a")
    assert [file.name for file in data.iterdir()] == ["applications.db"]


def test_no_service_imports_another():
    services = {"account_applications", "data_checking", "accounts"}
    for file in SERVICES.rglob("*.py"):
        nodes = list(ast.walk(ast.parse(file.read_text())))
        modules = [node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module]
        modules += [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
        foreign = {module.split(".")[0] for module in modules} & services
        assert foreign <= {file.parent.name}, f"{file} reaches into another service"
