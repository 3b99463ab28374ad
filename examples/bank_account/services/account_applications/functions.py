"""The functions of Account Applications. People use the first three; the state machine uses the others."""

from dataclasses import asdict
from typing import Any

from account_applications import register, workflow

APPROVE, REJECT = "APPROVE", "REJECT"


def submit_application(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Record an application and start its processing. With an `application_id`, a repeated call does it once."""
    application = register.submit(event["name"], event["address"], event.get("application_id"))
    execution = workflow.start(application.application_id, application.name, application.address)
    return {**asdict(application), "execution_arn": execution}


def find_application(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Return an application as it is now."""
    return asdict(register.find(event["application_id"]))


def review_application(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Pass a person's decision on to the execution that waits for it; that one closes the application."""
    decision = event["decision"]
    if decision not in {APPROVE, REJECT}:
        raise ValueError(f"A decision is {APPROVE} or {REJECT}, not {decision!r}")
    review = {"decision": decision, "reviewer": event["reviewer"], "comment": event.get("comment")}
    workflow.answer(register.task_token_of(event["application_id"]), review)
    return review


def flag_for_review(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Let an application wait for a person, and keep the task token for the answer."""
    reasons = [check["reason"] for check in event["checks"].values() if check["flagged"]]
    return asdict(register.flag_for_review(event["application_id"], event["task_token"], "; ".join(reasons)))


def flag_as_unprocessable(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Close an application whose data could not be checked."""
    return asdict(register.flag_as_unprocessable(event["application_id"], event["problem"]["errorMessage"]))


def approve_application(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Close an application with its account."""
    review = event.get("review", {})
    return asdict(
        register.approve(
            event["application_id"], event["account"]["account_number"], review.get("reviewer"), review.get("comment")
        )
    )


def reject_application(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Close an application without an account."""
    review = event["review"]
    return asdict(register.reject(event["application_id"], review["reviewer"], review.get("comment")))
