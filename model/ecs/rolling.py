"""The arithmetic of a service's tasks: which to start and which to stop, so that as many as desired
run, of the newest revision, and never too few are healthy nor too many there.

Sources: "Deploy Amazon ECS services by replacing tasks", "Amazon ECS services", API
DeploymentConfiguration.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from enum import Enum, auto

from attrs import define, field, frozen

from model.ecs.deployments import Deployment, Rollout
from model.ecs.tasks import Task


class Standing(Enum):
    """What a service counts a task as."""

    COMING = auto()
    """It is on its way, or nobody knows yet how it fares."""
    HEALTHY = auto()
    UNHEALTHY = auto()


class Why(Enum):
    """Why a task is stopped."""

    UNHEALTHY = auto()
    SURPLUS = auto()
    """There are more than are wanted, or one of the newest revision has its place."""


@frozen
class Limits:
    """What a service's counts are held within."""

    desired: int
    least: int
    """Healthy tasks."""
    most: int
    """Tasks that run or are about to."""


@define(eq=False)
class Revision:
    """The tasks of one deployment that are to run, by how they fare."""

    deployment: Deployment
    coming: list[Task]
    healthy: list[Task]
    unhealthy: list[Task]
    may_start: bool = True

    @classmethod
    def of(cls, deployment: Deployment, standing: Callable[[Task], Standing]) -> Revision:
        """As they stand."""
        found: dict[Standing, list[Task]] = {kind: [] for kind in Standing}
        for task in deployment.active:
            found[standing(task)].append(task)
        return cls(
            deployment,
            found[Standing.COMING],
            found[Standing.HEALTHY],
            found[Standing.UNHEALTHY],
            may_start=deployment.rollout is not Rollout.FAILED,
        )

    @property
    def good(self) -> int:
        """Those that are healthy, or may become it."""
        return len(self.coming) + len(self.healthy)

    @property
    def size(self) -> int:
        return self.good + len(self.unhealthy)


@define(eq=False)
class Plan:
    """What is to be done."""

    stop: list[tuple[Task, Why]] = field(factory=list)
    start: list[tuple[Deployment, int]] = field(factory=list)
    forced: bool = False
    """Whether an unhealthy task makes room for one that is to replace it."""


def plan(
    limits: Limits,
    revisions: Sequence[Revision],
    *,
    may_force: bool,
    pick: Callable[[Sequence[Task]], Task],
) -> Plan:
    """What to do about a service's tasks now; the primary deployment comes first.

    `may_force` says whether an unhealthy task may be stopped to make room (they are one at a time),
    and `pick` chooses it.
    """
    primary, *others = revisions
    made = Plan()
    old_goal = max(limits.desired - len(primary.healthy), 0)
    for revision in revisions:
        goal = limits.desired if revision is primary else old_goal
        _let_unhealthy_go(made, revision, goal)
    _let_old_go(made, others, revisions, limits)
    _let_surplus_go(made, primary, limits.desired)
    room = limits.most - sum(revision.size for revision in revisions)
    source, lost = _lost(others, revisions, limits, old_goal)
    missing = max(limits.desired - primary.good, 0) if primary.may_start else 0
    ailing = [task for revision in revisions for task in revision.unhealthy]
    if room <= 0 and ailing and may_force and (missing or lost):
        made.stop.append((pick(ailing), Why.UNHEALTHY))
        made.forced = True
        room += 1
    for deployment, number in ((source, lost), (primary.deployment, missing)):
        fitting = min(number, room)
        if deployment is not None and fitting > 0:
            made.start.append((deployment, fitting))
            room -= fitting
    return made


def _let_unhealthy_go(made: Plan, revision: Revision, goal: int) -> None:
    """Unhealthy tasks whose places healthy ones have; all, where nothing can replace them."""
    surplus = len(revision.healthy) + len(revision.unhealthy) - goal
    number = max(surplus, 0) if revision.may_start else len(revision.unhealthy)
    for task in revision.unhealthy[:number]:
        made.stop.append((task, Why.UNHEALTHY))
    del revision.unhealthy[:number]


def _let_old_go(
    made: Plan, others: Sequence[Revision], revisions: Sequence[Revision], limits: Limits
) -> None:
    """Tasks of revisions before, as far as enough healthy ones are left."""
    healthy = sum(len(revision.healthy) for revision in revisions)
    for revision in reversed(others):
        spare = max(len(revision.coming) - max(limits.least - healthy, 0), 0)
        for task in in_turn(revision.coming, spare):
            made.stop.append((task, Why.SURPLUS))
            revision.coming.remove(task)
        for task in in_turn(revision.healthy, max(healthy - limits.least, 0)):
            made.stop.append((task, Why.SURPLUS))
            revision.healthy.remove(task)
            healthy -= 1


def _let_surplus_go(made: Plan, primary: Revision, desired: int) -> None:
    """Tasks of the newest revision that are too many. One that is to even out the zones may be
    there beside the others until it is healthy."""
    extra = primary.good - desired - sum(task.balancing for task in primary.coming)
    for group in (primary.coming, primary.healthy):
        candidates = [task for task in group if not task.balancing]
        for task in in_turn(candidates, max(extra, 0)):
            made.stop.append((task, Why.SURPLUS))
            group.remove(task)
            extra -= 1


def _lost(
    others: Sequence[Revision], revisions: Sequence[Revision], limits: Limits, goal: int
) -> tuple[Deployment | None, int]:
    """While tasks are replaced, those of the revision before that are lost are started anew, as far
    as too few are healthy: which revision that is, and how many."""
    source = next((r for r in others if r.deployment.rollout is Rollout.COMPLETED), None)
    if source is None:
        return None, 0
    healthy = sum(len(revision.healthy) for revision in revisions)
    coming = sum(len(revision.coming) for revision in others)
    good = sum(revision.good for revision in others)
    return source.deployment, max(min(goal - good, limits.least - healthy - coming), 0)


def in_turn(tasks: Iterable[Task], number: int) -> list[Task]:
    """So many of some tasks, always one of the zone that has most of them: of those the youngest,
    and those that do not run yet before those that do."""
    return list(_in_turn(list(tasks), number))


def _in_turn(left: list[Task], number: int) -> Iterator[Task]:
    for _ in range(min(number, len(left))):
        counts = Counter(task.zone for task in left)
        chosen = max(
            left, key=lambda task: (task.started is None, counts[task.zone], task.launched)
        )
        left.remove(chosen)
        yield chosen
