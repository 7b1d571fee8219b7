"""Route 53: the records that lead clients to load balancers, and who has got which answer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from attrs import define, evolve, frozen

from model.actions import ActionError
from model.clock import Schedule
from model.elb.inflow import Inflow
from model.elb.load_balancer import LoadBalancerState
from model.journal import Journal
from model.route53.caches import Answer, Answers, Cache
from model.route53.choice import shares
from model.route53.names import Destination, Directory, Key
from model.route53.resources import HostedZone, RecordSet
from model.route53.rules import Around, record_problems
from model.stack import Stack
from model.traffic.source import Source, kinds_of


@frozen
class RecordView:
    """What ListResourceRecordSets shows of a record, and who follows it at present."""

    zone: str
    name: str
    type: str
    id: str
    """SetIdentifier; empty for a simple record."""
    leads_to: str
    """The logical id of a load balancer, or another name."""
    weight: int | None
    failover: str | None
    healthy: bool | None
    """Whether its target is; None: that is not evaluated."""
    answers: float
    """Its share of the answers that are given now."""
    traffic: float
    """Its share of the clients: those who hold an answer of it."""


@define(eq=False)
class RecordGroup:
    """The records of one name and type."""

    records: dict[str, RecordSet]
    """By SetIdentifier."""
    destinations: dict[str, Destination]
    cache: Cache


@frozen(eq=False)
class Share:
    """The part of a name's clients that have the address of one load balancer."""

    route53: Route53
    key: Key
    balancer: str

    def at(self, time: float) -> float:
        """At an instant."""
        return self._of(lambda cache: cache.at(time))

    def share_between(self, start: float, end: float) -> float:
        """On average from `start` to `end`."""
        return self._of(lambda cache: cache.between(start, end))

    def _of(self, read: Callable[[Cache], Answers]) -> float:
        return self.route53.spread(self.key, read).get(self.balancer, 0.0)


class Route53:
    """The records of one template that lead to its load balancers."""

    def __init__(
        self,
        schedule: Schedule,
        journal: Journal,
        stack: Stack,
        balancers: Mapping[str, LoadBalancerState],
    ) -> None:
        self._schedule = schedule
        self._journal = journal
        self._balancers = balancers
        resources = [item.resource for item in balancers.values()]
        self._around = Around.of(resources, stack.of(HostedZone))
        self._names = self._around.load_balancers
        self.groups: dict[Key, RecordGroup] = {}
        self._asked: set[Key] = set()
        """What sources ask for."""
        self._arrange(Directory.of(stack.of(RecordSet), self._names))

    def admit(self, sources: Iterable[Source]) -> None:
        """Have the sources that go to a name go to the load balancers that its records lead to. Any
        load balancer may become one of them by a change of the records."""
        sources = tuple(sources)
        kinds = kinds_of(sources)
        directory = self._directory()
        for source in sources:
            key = None if source.to in self._balancers else directory.asked(source.to)
            if key is None:
                continue
            self._asked.add(key)
            begins = self._schedule.now if source.begins is None else source.begins
            for name, balancer in self._balancers.items():
                share = Share(self, key, name)
                inflow = Inflow(source, begins, kind=kinds.index(source.request), share=share)
                balancer.inflows.append(inflow)

    def _directory(self) -> Directory:
        records = {key: group.records for key, group in self.groups.items() if group.records}
        return Directory(records, self._names)

    def _arrange(self, directory: Directory) -> None:
        """Answer with these records from now on."""
        for group in self.groups.values():
            group.records, group.destinations = {}, {}
        new = []
        for key, records in directory.groups.items():
            found = {name: directory.destination(item) for name, item in records.items()}
            destinations = {name: to for name, to in found.items() if to is not None}
            if key not in self.groups:
                self.groups[key] = RecordGroup({}, {}, Cache(self._schedule.now, {}))
                new.append(key)
            self.groups[key].records = dict(records)
            self.groups[key].destinations = destinations
        for key in new:  # nobody has asked for these before, so nobody holds an old answer
            self.groups[key].cache = Cache(self._schedule.now, self._answers(key))
        if new:
            for balancer in self._balancers.values():
                balancer.on_health = self.review
        self.review()

    # -- answers ------------------------------------------------------------------------------

    def review(self) -> None:
        """Targets may be healthy that were not, or the other way round."""
        now = self._schedule.now
        for key, group in self.groups.items():
            if group.records:
                group.cache.turn(now, self._answers(key))
                for name, record in group.records.items():
                    if record.evaluates:
                        resource = f"{record.domain}/{name or record.type}"
                        self._journal.write(now, resource, "record", self._healthy(record, group))

    def _answers(self, key: Key) -> Answers:
        """What who asks for a name gets now; an alias to another name answers with that one's."""
        group = self.groups[key]
        answers: dict[Answer, float] = {}
        chosen = shares(group.records.values(), lambda record: self._healthy(record, group))
        for name, share in chosen.items():
            record, to = group.records[name], group.destinations[name]
            inner: Answers = {Answer(name, to, record.seconds): 1.0}
            if isinstance(to, tuple) and record.alias_target is not None:
                inner = self._answers(to)
            for answer, part in inner.items():
                own = Answer(name, answer.leads_to, answer.ttl)
                answers[own] = answers.get(own, 0.0) + share * part
        return answers

    def _healthy(self, record: RecordSet, group: RecordGroup) -> bool:
        """Whether a record may answer: one that does not evaluate its target always does, and one
        that leads to other records does while any of those may."""
        if not record.evaluates:
            return True
        to = group.destinations[record.id]
        if isinstance(to, str):
            return healthy(self._balancers[to])
        inner = self.groups[to]
        return any(self._healthy(other, inner) for other in inner.records.values())

    def spread(self, key: Key, read: Callable[[Cache], Answers]) -> dict[str, float]:
        """How the clients of a name fall to load balancers, as `read` from what they hold."""
        found: dict[str, float] = {}
        for answer, share in read(self.groups[key].cache).items():
            to = answer.leads_to
            parts = {to: 1.0} if isinstance(to, str) else self.spread(to, read)
            for balancer, part in parts.items():
                found[balancer] = found.get(balancer, 0.0) + share * part
        return found

    @property
    def unsettled(self) -> bool:
        """Whether clients are moving from one load balancer to another."""
        now = self._schedule.now
        return any(group.cache.turning(now) for group in self.groups.values())

    # -- the API ------------------------------------------------------------------------------

    def list_resource_record_sets(self) -> tuple[RecordView, ...]:
        """ListResourceRecordSets: all records that lead to load balancers, by name and type."""
        views = []
        for (zone, name, type_), group in self.groups.items():
            held, given = group.cache.at(self._schedule.now), group.cache.answers
            for id_, record in group.records.items():
                to = group.destinations[id_]
                views.append(
                    RecordView(
                        zone=zone,
                        name=name,
                        type=type_,
                        id=id_,
                        leads_to=to if isinstance(to, str) else to[1],
                        weight=record.weight,
                        failover=record.failover,
                        healthy=self._healthy(record, group) if record.evaluates else None,
                        answers=_of_record(given, id_),
                        traffic=_of_record(held, id_),
                    )
                )
        return tuple(views)

    def zone_of(self, name: str, wanted: str | None) -> str:
        """The hosted zone of a record that a change is about."""
        own = list(
            dict.fromkeys(zone for zone, other, _ in self._directory().groups if other == name)
        )
        known = own or list(dict.fromkeys(zone for zone, _, _ in self.groups))
        if wanted in known or (wanted is not None and not own):
            return wanted or ""
        if len(known) > 1:
            raise ActionError(
                f"HostedZoneId must say which of the hosted zones {', '.join(known)} is meant",
                "NoSuchHostedZone",
            )
        return next(iter(known), "")

    def change_resource_record_sets(self, changes: Iterable[tuple[str, RecordSet]]) -> None:
        """ChangeResourceRecordSets: all of the changes (action and record), or none of them where
        `ActionError` says what is wrong with one."""
        before = self._directory()
        records = {key: dict(group) for key, group in before.groups.items()}
        for action, record in changes:
            group = records.setdefault((record.hosted_zone, record.domain, record.type), {})
            present = group.get(record.id)
            what = f"[name='{record.domain}.', type='{record.type}'" + (
                f", set-identifier='{record.id}']" if record.id else "]"
            )
            match action:
                case "CREATE" if present is not None:
                    raise _invalid(
                        f"Tried to create resource record set {what} but it already exists"
                    )
                case "DELETE":
                    if present is None:
                        raise _invalid(
                            f"Tried to delete resource record set {what} but it was not found"
                        )
                    if _values(present, before) != _values(record, before):
                        raise _invalid(
                            f"Tried to delete resource record set {what} but the values provided "
                            "do not match the current values"
                        )
                    del group[record.id]
                case _ if present is not None:
                    group[record.id] = evolve(record, identity=present.identity)
                case _:
                    group[record.id] = record
        flat = [record for group in records.values() for record in group.values()]
        for problem in record_problems(flat, self._around):
            raise _invalid(problem.message)
        for key in self._asked:
            if not records.get(key):
                raise ActionError(
                    f"no record of {key[1]} would be left; what becomes of clients who get no "
                    "answer is not simulated"
                )
        self._arrange(Directory.of(flat, self._names))


def healthy(balancer: LoadBalancerState) -> bool:
    """Whether Route 53 finds a load balancer healthy: every target group that has targets meets its
    requirement for DNS in some zone, there is one, and not all nodes are out of reach.

    Of a Classic Load Balancer, the group is its instances. Source: API AliasTarget,
    EvaluateTargetHealth.
    """
    nodes = balancer.nodes.values()
    if all(node.dark and not node.in_dns for node in nodes):
        return False
    # listeners of a Classic Load Balancer share the health of its instances
    groups = [group for group in balancer.groups.values() if group.in_use and not group.leader]
    used = [group for group in groups if any(group.serves(zone) for zone in group.zones)]
    return bool(used) and all(
        any(group.dns_healthy(zone) for zone in group.zones if group.serves(zone)) for group in used
    )


def _of_record(answers: Answers, record: str) -> float:
    return sum(share for answer, share in answers.items() if answer.record == record)


def _values(record: RecordSet, directory: Directory) -> tuple[object, ...]:
    """What a record says, however its target is spelled."""
    to = directory.destination(record)
    return record.weight, record.failover, record.evaluates, record.ttl, to or record.target


def _invalid(message: str) -> ActionError:
    return ActionError(message, "InvalidChangeBatch")
