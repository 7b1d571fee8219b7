"""What Amazon RDS tells EventBridge.

Source: "Amazon RDS event categories and event messages for Aurora" and the same for Amazon RDS.
"""

from __future__ import annotations

from attrs import frozen

from model.clock import Schedule
from model.events.bus import EventBus
from model.rds.deployment import Deployment
from model.rds.instance import Database
from model.resources import ACCOUNT, REGION

INSTANCE, CLUSTER = "RDS DB Instance Event", "RDS DB Cluster Event"


@frozen
class Teller:
    """Puts events on the bus."""

    schedule: Schedule
    bus: EventBus

    def shut_down(self, instance: Database) -> None:
        self._instance(instance, "availability", "0004", "DB instance shutdown.")

    def restarted(self, instance: Database) -> None:
        self._instance(instance, "availability", "0006", "DB instance restarted.")

    def created(self, instance: Database) -> None:
        self._instance(instance, "creation", "0005", "DB instance created.")

    def deleted(self, instance: Database) -> None:
        self._instance(instance, "deletion", "0003", "DB instance deleted.")

    def takeover_begins(self, instance: Database) -> None:
        self._instance(instance, "failover", "0013", "Multi-AZ instance failover started.")

    def takeover_ends(self, instance: Database) -> None:
        self._instance(instance, "failover", "0049", "Multi-AZ instance failover completed.")

    def failover_begins(self, cluster: Deployment, target: Database, *, same_zone: bool) -> None:
        """A reader is to become the writer, in the writer's zone or in another."""
        code, where = ("0072", "same") if same_zone else ("0073", "cross")
        name = target.resource.name
        self._cluster(cluster, code, f"Started {where} AZ failover to DB instance: {name}.")

    def failover_ends(self, cluster: Deployment, target: Database) -> None:
        name = target.resource.name
        self._cluster(cluster, "0071", f"Completed failover to DB instance: {name}.")

    def _instance(self, instance: Database, category: str, code: str, message: str) -> None:
        name = instance.resource.name
        self._tell(INSTANCE, "DB_INSTANCE", f"db:{name}", name, category, code, message)

    def _cluster(self, deployment: Deployment, code: str, message: str) -> None:
        assert deployment.cluster is not None
        name = deployment.cluster.name
        self._tell(CLUSTER, "CLUSTER", f"cluster:{name}", name, "failover", code, message)

    def _tell(
        self,
        detail_type: str,
        source_type: str,
        resource: str,
        name: str,
        category: str,
        code: str,
        message: str,
    ) -> None:
        arn = f"arn:aws:rds:{REGION}:{ACCOUNT}:{resource}"
        detail = {
            "EventCategories": [category],
            "SourceType": source_type,
            "SourceArn": arn,
            "Date": f"{self.schedule.utc():%Y-%m-%dT%H:%M:%S.000Z}",
            "Message": message,
            "SourceIdentifier": name,
            "EventID": f"RDS-EVENT-{code}",
        }
        self.bus.publish("aws.rds", detail_type, (arn,), detail)
