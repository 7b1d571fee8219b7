"""The annotations of a widget: an alarm, lines and bands.

Source: "Dashboard Widget Object: Annotation Properties".
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from model.cloudwatch.dashboards.body import Fill, HorizontalAnnotation, VerticalAnnotation
from model.cloudwatch.dashboards.fields import Fields, Messages
from model.cloudwatch.dashboards.times import moment

UPWARD: tuple[Fill, ...] = ("none", "above", "below")
ONWARD: tuple[Fill, ...] = ("none", "before", "after")


def alarm(fields: Fields) -> str | None:
    """The ARN of the alarm that is shown in place of metrics."""
    items = fields.items("alarms", 0, 1)
    for path, arn in items:
        if not isinstance(arn, str) or not arn.startswith("arn:"):
            fields.messages.error(path, f"must be the ARN of an alarm, not {arn!r}")
            return None
        return arn
    return None


def horizontal(fields: Fields) -> tuple[HorizontalAnnotation, ...]:
    """Lines and bands at values."""
    made = []
    for path, item in fields.items("horizontal"):
        first, second = _pair(path, item, fields.messages)
        value = _number(first)
        other = None if second is None else _number(second)
        second_label = "" if second is None else second.text("label")
        label = first.text("label")
        fill = first.choice("fill", UPWARD, "none")
        right = first.choice("yAxis", ("left", "right"), "left") == "right"
        visible = first.boolean("visible", True)
        first.close("color")
        if visible and value is not None:
            made.append(HorizontalAnnotation(value, label, other, second_label, fill, right))
    return tuple(made)


def vertical(fields: Fields) -> tuple[VerticalAnnotation, ...]:
    """Lines and bands at instants."""
    made = []
    for path, item in fields.items("vertical"):
        first, second = _pair(path, item, fields.messages)
        value = _moment(first)
        other = None if second is None else _moment(second)
        label = first.text("label")
        fill = first.choice("fill", ONWARD, "none")
        visible = first.boolean("visible", True)
        first.close("color")
        if visible and value is not None:
            made.append(VerticalAnnotation(value, label, other, fill))
    return tuple(made)


def _pair(path: str, item: Any, messages: Messages) -> tuple[Fields, Fields | None]:
    """One annotation, or the two edges of a band."""
    if not isinstance(item, list):
        return Fields(item, path, messages), None
    if len(item) != 2:
        messages.error(path, f"a band has two values, not {len(item)}")
        return Fields({"value": 0, "visible": False}, path, Messages()), None
    return Fields(item[0], f"{path}/0", messages), Fields(item[1], f"{path}/1", messages)


def _number(fields: Fields) -> float | None:
    if not fields.has("value"):
        fields.messages.error(fields.path, "needs value")
    return fields.number("value")


def _moment(fields: Fields) -> datetime | None:
    text = fields.text("value", required=True)
    found = moment(text)
    if text and found is None:
        fields.error("value", f"must be a time such as 2026-11-25T09:00:00Z, not {text!r}")
    return found
