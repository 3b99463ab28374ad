"""The API of Amazon EventBridge Scheduler: which function answers which operation."""

from stepwell.api.model import SCHEDULER
from stepwell.api.operations import schedules
from stepwell.api.service import Handler, Service

_HANDLERS: dict[str, Handler] = {
    "CreateSchedule": schedules.create_schedule,
    "CreateScheduleGroup": schedules.create_schedule_group,
    "DeleteSchedule": schedules.delete_schedule,
    "DeleteScheduleGroup": schedules.delete_schedule_group,
    "GetSchedule": schedules.get_schedule,
    "GetScheduleGroup": schedules.get_schedule_group,
    "ListScheduleGroups": schedules.list_schedule_groups,
    "ListSchedules": schedules.list_schedules,
    "ListTagsForResource": schedules.list_tags_for_resource,
    "TagResource": schedules.tag_resource,
    "UntagResource": schedules.untag_resource,
    "UpdateSchedule": schedules.update_schedule,
}

SERVICE = Service(
    name="Amazon EventBridge Scheduler",
    target="AWSScheduler",
    content_type=b"application/json",
    model=SCHEDULER,
    handlers=_HANDLERS,
)
