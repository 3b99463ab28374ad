"""The event bus: EventBridge's rules, targets and schedules upon the store of the executions.

What an event brings about is decided when it comes: for each target of each rule that matches, a delivery is made,
with its input, and committed. The event itself is not kept. A change of an execution's status commits its deliveries
with the turn that is the change (`announcements.py`); PutEvents and a schedule that falls due commit theirs by
themselves (`rules.py`, `scheduler.py`). From then on it is the outbox's: each delivery is tried until its target has
taken it, or its retry policy ends (`outbox.py`). A delivery keeps its id, so a target that is an execution gets the
same name each time, and a delivery that comes again starts nothing again.
"""
