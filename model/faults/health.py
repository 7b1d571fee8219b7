"""What AWS tells about a zone in trouble, beside what alarms and metrics show.

Source: "Reference: AWS Health events Amazon EventBridge schema".
"""

from __future__ import annotations

import uuid
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any

from model.resources import ACCOUNT, REGION

if TYPE_CHECKING:
    from model.world import World

ISSUE = "AWS_EC2_OPERATIONAL_ISSUE"


def tell_health(world: World, fault: str, zone: str, began: float, *, closed: bool) -> None:
    """AWS Health opens or closes an issue; no field names the zone, only the text does."""
    name = uuid.uuid5(uuid.NAMESPACE_URL, f"{world.streams.seed}/{fault}/{zone}").hex[:12].upper()
    now, since = (format_datetime(world.schedule.utc(time), True) for time in (world.now, began))
    text = (
        f"The connectivity issue in a single Availability Zone ({zone}) in the {REGION} Region "
        "has been resolved and the service is operating normally."
        if closed
        else f"We are investigating connectivity issues affecting some instances in a single "
        f"Availability Zone ({zone}) in the {REGION} Region."
    )
    detail: dict[str, Any] = {
        "eventArn": f"arn:aws:health:{REGION}::event/EC2/{ISSUE}/{ISSUE}_{name}",
        "service": "EC2",
        "eventTypeCode": ISSUE,
        "eventTypeCategory": "issue",
        "eventScopeCode": "PUBLIC",
        "communicationId": f"{name}-{2 if closed else 1}",
        "startTime": since,
        **({"endTime": now} if closed else {}),
        "lastUpdatedTime": now,
        "statusCode": "closed" if closed else "open",
        "eventRegion": REGION,
        "eventDescription": [{"language": "en_US", "latestDescription": text}],
        "affectedEntities": [],
        "affectedAccount": ACCOUNT,
        "page": "1",
        "totalPages": "1",
    }
    world.bus.publish("aws.health", "AWS Health Event", (), detail)
