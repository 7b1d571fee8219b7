"""What is wrong with dashboards: what PutDashboard would return, and the line of the body."""

from __future__ import annotations

from collections.abc import Iterator

from model.cloudwatch.dashboards.fields import ValidationMessage
from model.cloudwatch.dashboards.lines import line_of
from model.cloudwatch.dashboards.resource import Dashboard
from model.stack import Stack
from scenarios.cloudformation.problems import Problem


def dashboard_problems(stack: Stack, *, warnings: bool = False) -> Iterator[Problem]:
    """Everything for which a dashboard is refused, or what it is only warned of."""
    names: dict[str, str] = {}
    for dashboard in stack.of(Dashboard):
        place = (dashboard.logical_id, "Properties")
        for message in dashboard.read.messages:
            if message.warning is warnings:
                yield Problem((*place, "DashboardBody"), _sentence(dashboard, message))
        other = names.setdefault(dashboard.name, dashboard.logical_id)
        if other != dashboard.logical_id and not warnings:
            yield Problem((*place, "DashboardName"), f"{other} is called {dashboard.name} already")


def _sentence(dashboard: Dashboard, message: ValidationMessage) -> str:
    if not message.path:
        return f"DashboardBody: {message.message}"
    line = line_of(dashboard.dashboard_body, message.path)
    return f"DashboardBody, line {line}, {message.path}: {message.message}"
