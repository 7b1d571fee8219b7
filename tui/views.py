"""What the panes show, read from the world's describe-style views as plain frozen values."""

from __future__ import annotations

from attrs import frozen

from model.autoscaling.activity import ActivityView
from model.autoscaling.views import GroupView
from model.clock import MINUTE
from model.cloudwatch.alarms import AlarmState
from model.cloudwatch.composites import CompositeView
from model.cloudwatch.evaluation import describe_evaluation
from model.cloudwatch.history import HistoryItem
from model.cloudwatch.metrics import MetricKey
from model.cloudwatch.records import AlarmView
from model.elb.views import BalancerView, TargetView
from model.route53.service import RecordView
from model.world import World
from scenarios.report import availability


@frozen
class ZoneView:
    """One zone of a load balancer."""

    zone: str
    dark: bool
    in_dns: bool
    targets: tuple[TargetView, ...]


@frozen
class TargetGroupView:
    """A target group's targets by zone."""

    id: str
    zones: tuple[ZoneView, ...]
    balancer: str | None = None
    """Whose it is; None: nobody's."""
    in_use: bool = True

    @property
    def rate(self) -> float:
        """Requests per second sent to its targets."""
        return sum(target.rate for zone in self.zones for target in zone.targets)

    @property
    def healthy(self) -> int:
        return sum(t.healthy for zone in self.zones for t in zone.targets)

    @property
    def total(self) -> int:
        return sum(len(zone.targets) for zone in self.zones)


@frozen
class HeaderView:
    """The strip at the top."""

    scenario: str
    time: str
    elapsed: float
    duration: float
    rate: float
    """Requests per second now."""
    availability: float | None
    """Percent of the requests until now; None: there were none."""
    faults: tuple[str, ...]
    """The names of the faults at work."""
    alarms: int
    """Alarms in ALARM, those that scaling policies made left out."""


def header(world: World, name: str, duration: float) -> HeaderView:
    """The state of everything in one line."""
    books = world.books.values()
    ringing = alarms(world)
    return HeaderView(
        scenario=name,
        time=f"{world.schedule.utc():%a %d %b %Y %H:%M:%S}",
        elapsed=world.now,
        duration=duration,
        rate=world.rate_of_clients(),
        availability=availability(
            sum(book.succeeded for book in books), sum(book.total for book in books)
        ),
        faults=tuple(fault.action.name for fault in world.faults.active.values()),
        alarms=sum(a.state is AlarmState.ALARM and a.alarm.owner is None for a in ringing),
    )


def target_groups(world: World) -> tuple[TargetGroupView, ...]:
    """Every target group with its zones, those without targets too."""
    views = []
    for name, group in world.elb.groups.items():
        targets = world.elb.describe_target_health(name)
        balancer = world.elb.balancers.get(group.balancer or "")
        nodes = {} if balancer is None or not group.resource.walled else balancer.nodes
        zones = tuple(
            ZoneView(
                zone,
                dark=zone in nodes and nodes[zone].dark,
                in_dns=zone not in nodes or nodes[zone].in_dns,
                targets=tuple(target for target in targets if target.zone == zone),
            )
            for zone in dict.fromkeys([*nodes, *(target.zone for target in targets)])
        )
        views.append(TargetGroupView(name, zones, group.balancer, group.in_use))
    return tuple(views)


@frozen
class RoutingView:
    """The way of requests: records, load balancers with listeners and rules, target groups."""

    balancers: tuple[BalancerView, ...] = ()
    groups: tuple[TargetGroupView, ...] = ()
    records: tuple[RecordView, ...] = ()


def routing(world: World) -> RoutingView:
    """All records, load balancers and target groups."""
    records = world.route53.list_resource_record_sets()
    return RoutingView(world.elb.describe_load_balancers(), target_groups(world), records)


@frozen
class ZoneHealth:
    """A zone that load balancers have nodes in, and how its targets fare."""

    zone: str
    dark: bool
    shifted: bool
    """Whether a zonal shift leads traffic away from it."""
    healthy: int
    targets: int


def zones(world: World) -> tuple[ZoneHealth, ...]:
    """Every zone of every load balancer, by name."""
    nodes = {zone for balancer in world.elb.balancers.values() for zone in balancer.nodes}
    shifted = {shift.zone for shift in world.elb.shifts.values()}
    found: dict[str, list[ZoneView]] = {}
    for group in target_groups(world):
        for zone in group.zones:
            if zone.zone in nodes:
                found.setdefault(zone.zone, []).append(zone)
    return tuple(
        ZoneHealth(
            zone=name,
            dark=any(view.dark for view in parts),
            shifted=name in shifted,
            healthy=sum(t.healthy for view in parts for t in view.targets),
            targets=sum(len(view.targets) for view in parts),
        )
        for name, parts in sorted(found.items())
    )


@frozen
class CapacityView:
    """A group and what it did lately, newest first."""

    group: GroupView
    activities: tuple[ActivityView, ...]


def capacities(world: World, most: int = 40) -> tuple[CapacityView, ...]:
    """Every Auto Scaling group."""
    return tuple(
        CapacityView(view, world.autoscaling.describe_scaling_activities(view.id)[:most])
        for view in world.autoscaling.describe_auto_scaling_groups()
    )


AnyAlarmView = AlarmView | CompositeView


def alarms(world: World) -> tuple[AnyAlarmView, ...]:
    """Every alarm, those in ALARM first, but those that scaling policies made last."""
    order = {AlarmState.ALARM: 0, AlarmState.INSUFFICIENT_DATA: 1, AlarmState.OK: 2}

    def rank(view: AnyAlarmView) -> tuple[bool, int]:
        return view.alarm.owner is not None, order[view.state]

    cloudwatch = world.cloudwatch
    views: list[AnyAlarmView] = [*cloudwatch.composites.describe(), *cloudwatch.describe_alarms()]
    return tuple(sorted(views, key=rank))


def resolution(world: World, key: MetricKey) -> float:
    """The finest period (seconds) in which a metric can be read."""
    metric = world.cloudwatch.metrics.get(key)
    return MINUTE if metric is None else min([ledger.period for ledger in metric.ledgers])


def alarm_ids(world: World) -> dict[str, str]:
    """The id of every alarm by all that it is called: its id, its name, its ARN."""
    cloudwatch = world.cloudwatch
    called = [(r.id, r.alarm.name, r.alarm.arn) for r in cloudwatch.alarms.values()]
    called += [
        (name, record.alarm.name, record.alarm.arn)
        for name, record in cloudwatch.composites.records.items()
    ]
    return {word: words[0] for words in called for word in words}


def actions_enabled(world: World, alarm_id: str) -> bool:
    """Whether an alarm runs its actions (ActionsEnabled)."""
    composite = world.cloudwatch.composites.records.get(alarm_id)
    if composite is not None:
        return composite.enabled
    return world.cloudwatch.alarms[alarm_id].alarm.actions_enabled


def alarm_history(world: World, alarm_id: str) -> tuple[HistoryItem, ...]:
    """DescribeAlarmHistory: everything that happened to an alarm, newest first."""
    return world.cloudwatch.alarm_history(alarm_id)


def group_view(world: World, group: str) -> GroupView:
    """DescribeAutoScalingGroups of one."""
    found = world.autoscaling.describe_auto_scaling_groups()
    return next(view for view in found if view.id == group)


def newest_value(world: World, alarm_id: str) -> tuple[float | None, float]:
    """The newest datapoint that an alarm judged (None: none yet), and its threshold."""
    judged = describe_evaluation(world.cloudwatch, alarm_id).periods
    value = next((period.value for period in judged if period.value is not None), None)
    return value, world.cloudwatch.alarms[alarm_id].alarm.threshold or 0.0
