"""Amazon RDS: the databases of a template, their traffic, metrics, failovers and changes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from attrs import evolve

from model.actions import ActionError
from model.books import Books
from model.clock import Phase, Schedule, Streams
from model.cloudwatch.ledgers import Ledger
from model.cloudwatch.metrics import MetricStore
from model.ec2.resources import Subnet
from model.events.bus import EventBus
from model.flow.chance import HEAVY_LOAD
from model.journal import Journal
from model.rds.counting import StatementCounter
from model.rds.deployment import Client, Deployment
from model.rds.events import Teller
from model.rds.instance import Database, Role, Status
from model.rds.metrics import Dimensions, Reporter, Sample, Samples
from model.rds.requests import SELECT, DatabaseSource
from model.rds.resources import DBCluster, DBInstance, DBSubnetGroup
from model.resources import ACCOUNT, REGION, ZONES, Identity
from model.services import Service
from model.stack import Stack
from model.traffic.sender import Sender

FAILOVER = 30.0
"""Seconds that a failover of a cluster takes: "less than 60 seconds, and often less than 30"."""
MULTI_AZ_FAILOVER = 90.0
"""Seconds until a standby has taken over: "typically 60 to 120 seconds"."""
REBOOT = 30.0
"""Seconds that an engine takes to start again; AWS speaks of a momentary outage."""
CREATION = 480.0
"""Seconds until a new DB instance is available: minutes."""
DELETION = 180.0
"""Seconds until a deleted one is gone."""
MOST_READERS = 15


class Rds:
    """The databases of one region."""

    def __init__(
        self,
        schedule: Schedule,
        streams: Streams,
        bus: EventBus,
        journal: Journal,
        stack: Stack,
        services: Iterable[Service],
        sources: Iterable[DatabaseSource],
    ) -> None:
        self._schedule = schedule
        self._journal = journal
        self._stack = stack
        self._teller = Teller(schedule, bus)
        self._flowed = schedule.now
        self.disturbed_at = schedule.now
        """When instances last came, went or changed their status."""
        sources = list(sources)
        kinds = list(dict.fromkeys(source.statement.statement for source in sources))
        requests = [
            next(s.statement.kind for s in sources if s.statement.statement == kind)
            for kind in kinds
        ]
        self._software = {
            runner: service.told(requests) for service in services for runner in service.runs_on
        }
        self.deployments: dict[str, Deployment] = {}
        """Clusters and DB instances that stand alone, by logical id."""
        self.instances: dict[str, Database] = {}
        """All DB instances, by logical id (of those that a call made, by identifier)."""
        self._build(stack)
        self.books: dict[str, Books] = {name: Books() for name in self.deployments}
        self._counters = {
            name: StatementCounter(deployment, streams[f"rds/{name}"])
            for name, deployment in self.deployments.items()
        }
        for source in sources:
            begins = schedule.now if source.begins is None else source.begins
            kind = kinds.index(source.statement.statement)
            client = Client(Sender(source, begins), source, kind)
            self.deployments[source.to].clients.append(client)
        self._ledger: Ledger[Samples] = Ledger()
        self._changes = {number: kind != SELECT for number, kind in enumerate(kinds)}
        self._reporter: Reporter | None = None
        self._opening: dict[str, float] = {}

    def _build(self, stack: Stack) -> None:
        for cluster in stack.of(DBCluster):
            members = [
                item
                for item in stack.of(DBInstance)
                if item.db_cluster_identifier == cluster.logical_id
            ]
            deployment = Deployment(cluster.logical_id, cluster, [])
            self.deployments[cluster.logical_id] = deployment
            for number, item in enumerate(members):
                role = Role.READER if number else Role.WRITER
                self._add(deployment, item, role, Status.AVAILABLE)
            self._tell_cluster(deployment)
        for item in stack.of(DBInstance):
            if item.db_cluster_identifier is None:
                deployment = Deployment(item.logical_id, None, [])
                self.deployments[item.logical_id] = deployment
                self._add(deployment, item, None, Status.AVAILABLE)

    def _add(
        self, deployment: Deployment, item: DBInstance, role: Role | None, status: Status
    ) -> Database:
        """A DB instance comes into being."""
        zones = self._zones(deployment.cluster or item)
        zone = item.availability_zone or zones[len(deployment.instances) % len(zones)]
        other = next((place for place in zones if place != zone), "")
        now = self._schedule.now
        instance = Database(
            item.logical_id,
            item,
            zone,
            self._software.get(deployment.id),
            status,
            role,
            other if item.multi_az else "",
            since=now,
            there_since=now if status is Status.AVAILABLE else None,
        )
        deployment.instances.append(instance)
        self.instances[instance.id] = instance
        self._tell(instance)
        return instance

    def _zones(self, owner: DBCluster | DBInstance) -> list[str]:
        """Those of its subnet group; where it has none, the region's first three."""
        group = self._stack.resources.get(owner.db_subnet_group_name or "")
        if not isinstance(group, DBSubnetGroup):
            return list(ZONES[:3])
        places = [self._stack.resources[name] for name in group.subnet_ids]
        found = [place.availability_zone for place in places if isinstance(place, Subnet)]
        return list(dict.fromkeys(found))

    def _tell(self, instance: Database) -> None:
        self.disturbed_at = self._schedule.now
        self._journal.write(self._schedule.now, instance.id, "db", instance.view)

    def _tell_cluster(self, deployment: Deployment) -> None:
        if deployment.cluster is not None:
            self._journal.write(self._schedule.now, deployment.id, "cluster", deployment.view)

    def _become(self, instance: Database, status: Status) -> None:
        instance.become(status, self._schedule.now)
        self._tell(instance)

    # -- the API ------------------------------------------------------------------------------

    def instance(self, name: str) -> Database:
        """A DB instance by its logical id, identifier or ARN. Raises `ActionError`."""
        for found in self.instances.values():
            if name in found.resource.identity.names or name.lower() == found.resource.name:
                return found
        raise ActionError(f"DBInstance {name} not found.", "DBInstanceNotFoundFault")

    def deployment_of(self, instance: Database) -> Deployment:
        """The cluster that it is in, or itself."""
        return next(d for d in self.deployments.values() if instance in d.instances)

    def cluster(self, name: str) -> Deployment:
        """A cluster by its logical id, identifier or ARN. Raises `ActionError`."""
        for found in self.deployments.values():
            if found.cluster is not None and name in found.cluster.identity.names:
                return found
        raise ActionError(f"DBCluster {name} not found.", "DBClusterNotFoundFault")

    def failover(self, name: str, target: str | None = None) -> None:
        """FailoverDBCluster: a reader becomes the writer."""
        deployment = self.cluster(name)
        if deployment.failing_over:
            problem = f"DB cluster {name} is failing over already"
            raise ActionError(problem, "InvalidDBClusterStateFault")
        readers = [reader for reader in deployment.readers if reader.available]
        if target is not None:
            wanted = self.instance(target)
            if wanted not in readers:
                problem = f"{target} is no available reader of {name}"
                raise ActionError(problem, "InvalidDBInstanceStateFault")
            readers = [wanted]
        if not readers:
            problem = f"DB cluster {name} has no available reader to fail over to"
            raise ActionError(problem, "InvalidDBClusterStateFault")
        self._promote(deployment, min(readers, key=_precedence))

    def _promote(self, deployment: Deployment, chosen: Database) -> None:
        """Writer and reader restart, and change their roles."""
        deployment.failing_over = True
        before = deployment.writer
        same = before is not None and before.zone == chosen.zone
        self._teller.failover_begins(deployment, chosen, same_zone=same)
        for instance in (before, chosen):
            if instance is not None and instance.available:
                self._become(instance, Status.REBOOTING)
        self._tell_cluster(deployment)
        self._schedule.after(FAILOVER, Phase.CHANGE, self._promoted, deployment, chosen)

    def _promoted(self, deployment: Deployment, chosen: Database) -> None:
        before = deployment.writer
        deployment.failing_over = False
        chosen.role = Role.WRITER
        if before is not None and before is not chosen:
            before.role = Role.READER
            if before.status is Status.REBOOTING:
                self._restarted(before)
        self._restarted(chosen)
        self._tell_cluster(deployment)
        self._teller.failover_ends(deployment, chosen)

    def _restarted(self, instance: Database) -> None:
        if instance.status is Status.REBOOTING:  # it may have been deleted meanwhile
            self._become(instance, Status.AVAILABLE)
            self._teller.restarted(instance)

    def reboot(self, name: str, *, force_failover: bool = False) -> None:
        """RebootDBInstance."""
        instance = self.instance(name)
        self._check_available(instance)
        if force_failover and not instance.standby:
            raise ActionError(
                f"{name} has no standby to fail over to: it is not configured for Multi-AZ",
                "InvalidParameterCombination",
            )
        self._teller.shut_down(instance)
        self._become(instance, Status.REBOOTING)
        if force_failover:
            self._teller.takeover_begins(instance)
            self._schedule.after(MULTI_AZ_FAILOVER, Phase.CHANGE, self._taken_over, instance)
        else:
            self._schedule.after(REBOOT, Phase.CHANGE, self._restarted, instance)

    def _taken_over(self, instance: Database) -> None:
        instance.zone, instance.standby = instance.standby, instance.zone
        self._restarted(instance)
        self._teller.takeover_ends(instance)

    def _check_available(self, instance: Database) -> None:
        if not instance.available:
            raise ActionError(
                f"Database instance is not in available state: {instance.resource.name} is "
                f"{instance.status}",
                "InvalidDBInstanceStateFault",
            )

    def create(self, cluster: str, wanted: DBInstance) -> None:
        """CreateDBInstance in a cluster: one more reader, in a while."""
        deployment = self.cluster(cluster)
        name = wanted.identity.ref
        if any(name == other.resource.name for other in self.instances.values()):
            problem = f"DB instance already exists: {name}"
            raise ActionError(problem, "DBInstanceAlreadyExists")
        if len(deployment.instances) > MOST_READERS:
            problem = f"a cluster can have {MOST_READERS} readers"
            raise ActionError(problem, "InstanceQuotaExceeded")
        role = Role.READER if deployment.instances else Role.WRITER
        instance = self._add(deployment, wanted, role, Status.CREATING)
        self._schedule.after(CREATION, Phase.CHANGE, self._created, instance)

    def _created(self, instance: Database) -> None:
        if instance.status is Status.CREATING:
            self._become(instance, Status.AVAILABLE)
            self._teller.created(instance)
            self._tell_cluster(self.deployment_of(instance))

    def delete(self, name: str) -> None:
        """DeleteDBInstance: it answers no more; a cluster whose writer goes fails over."""
        instance = self.instance(name)
        if instance.status is Status.DELETING:
            problem = f"Instance {name} is already being deleted."
            raise ActionError(problem, "InvalidDBInstanceStateFault")
        deployment = self.deployment_of(instance)
        if deployment.failing_over:
            problem = f"DB cluster {deployment.id} is failing over"
            raise ActionError(problem, "InvalidDBClusterStateFault")
        self._become(instance, Status.DELETING)
        readers = [reader for reader in deployment.readers if reader.available]
        if instance.role is Role.WRITER and readers:
            self._promote(deployment, min(readers, key=_precedence))
        self._schedule.after(DELETION, Phase.CHANGE, self._deleted, instance)

    def _deleted(self, instance: Database) -> None:
        deployment = self.deployment_of(instance)
        deployment.instances.remove(instance)
        deployment.gone.append(instance)
        del self.instances[instance.id]
        self._teller.deleted(instance)
        self._tell_cluster(deployment)

    # -- time ---------------------------------------------------------------------------------

    @property
    def senders(self) -> list[Sender]:
        """All that send statements."""
        return [c.sender for deployment in self.deployments.values() for c in deployment.clients]

    @property
    def unsettled(self) -> bool:
        """Whether traffic needs short steps."""
        return any(deployment.unsettled for deployment in self.deployments.values())

    def next_look(self, calm: float, watchful: float) -> float:
        """When to look at traffic again (see `Elb.next_look`)."""
        now, all_ = self._schedule.now, self.deployments.values()
        until = min([calm, *(deployment.next_break(now) for deployment in all_)])
        if all(deployment.utilisation(now, until) < HEAVY_LOAD for deployment in all_):
            return until
        return min(until, watchful)

    def flow(self, until: float) -> None:
        """Let traffic flow until an instant at which something may change."""
        if until > self._flowed:
            for deployment in self.deployments.values():
                deployment.flow(self._flowed, until)
            self._flowed = until

    def settle(self) -> None:
        """Count the statements that ended until now."""
        for name, counter in self._counters.items():
            counter.count(self.books[name])

    def open_books(self) -> None:
        """Forget what ended before now: from here on it is judged, reported and billed."""
        self.settle()
        for name, deployment in self.deployments.items():
            self.books[name] = Books(
                in_flight_at_opening=deployment.in_flight, sent_at_opening=deployment.sent
            )
        self._opening = self._billed()

    def sent(self, name: str) -> float:
        """Statements that clients sent since the books were opened, those in flight then
        included."""
        books = self.books[name]
        sent = self.deployments[name].sent
        return sent - books.sent_at_opening + books.in_flight_at_opening

    def report_to(self, metrics: MetricStore) -> None:
        """Have CloudWatch read what the instances tell."""
        self._reporter = Reporter(metrics, self._ledger, self._changes)

    def publish_metrics(self, start: float, end: float) -> None:
        """Settle, and enter what the minute from `start` to `end` brought."""
        if not self.deployments or self._reporter is None:
            return
        self.settle()
        samples = tuple(self._samples(end, end - start))
        for sample in samples:
            self._reporter.add(sorted(sample.known_by))
        self._ledger.enter(start, samples)

    def _samples(self, end: float, seconds: float) -> Iterator[Sample]:
        for deployment in self.deployments.values():
            for instance in deployment.instances:
                minute = instance.close_minute(end, seconds)
                if minute is not None:
                    engine = _engine(deployment, instance)
                    known = frozenset(_dimensions(deployment, instance, engine))
                    yield Sample(known, engine, minute)

    # -- what is paid for ---------------------------------------------------------------------

    def cost(self) -> dict[str, float]:
        """What each DB instance cost since the books were opened (US dollars), by its id."""
        everybody = self._everybody()
        prices = {item.id: item.resource.price or 0.0 for item in everybody}
        return {
            name: (hours - self._opening.get(name, 0.0)) * prices[name]
            for name, hours in self._billed().items()
        }

    def _everybody(self) -> list[Database]:
        return [item for d in self.deployments.values() for item in [*d.gone, *d.instances]]

    def _billed(self) -> dict[str, float]:
        """Hours of each DB instance since the world began."""
        hours: dict[str, float] = {}
        for item in self._everybody():
            seconds = item.billed_seconds(self._schedule.now)
            hours[item.id] = hours.get(item.id, 0.0) + seconds / 3600.0
        return hours


def _precedence(reader: Database) -> tuple[int, float, str]:
    """Who is promoted first: the best priority, then the largest, then one of them ("High
    availability for Amazon Aurora")."""
    return reader.resource.promotion_tier, -reader.resource.kind.memory, reader.id


def _engine(deployment: Deployment, instance: Database) -> str:
    cluster = deployment.cluster
    return (instance.resource.engine or "") if cluster is None else cluster.engine


def _dimensions(deployment: Deployment, instance: Database, engine: str) -> Iterator[Dimensions]:
    """By what its metrics are known."""
    yield (instance.resource.dimension,)
    yield (("DatabaseClass", instance.resource.db_instance_class),)
    yield (("EngineName", engine),)
    if deployment.cluster is not None and instance.role is not None:
        yield (deployment.cluster.dimension,)
        yield (deployment.cluster.dimension, ("Role", instance.role.value))


def new_instance(name: str, template: DBInstance) -> DBInstance:
    """A DB instance that a call makes, by its identifier."""
    arn = f"arn:aws:rds:{REGION}:{ACCOUNT}:db:{name.lower()}"
    identity = Identity(name, DBInstance.TYPE, name.lower(), {"DBInstanceArn": arn})
    return evolve(template, identity=identity)
