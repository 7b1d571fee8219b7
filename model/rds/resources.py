"""Databases of Amazon RDS and Aurora, as CloudFormation describes them.

Sources: the CloudFormation reference of AWS::RDS::DBCluster, DBInstance and DBSubnetGroup; API
CreateDBCluster, CreateDBInstance.
"""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from attrs import Attribute, field, fields_dict, frozen

from model.ec2.resources import SubnetId
from model.fields import FieldError, between, length, not_simulated, one_of, refers_to
from model.rds.classes import CLASSES, InstanceClass
from model.resources import Resource

ClusterRef = Annotated[str, refers_to("AWS::RDS::DBCluster")]
SubnetGroupRef = Annotated[str, refers_to("AWS::RDS::DBSubnetGroup")]
AURORA = ("aurora-mysql", "aurora-postgresql")
ALONE = ("mysql", "mariadb", "postgres")


def _known_class(_: Any, attribute: Attribute[Any], value: str | None) -> None:
    if value is not None and value not in CLASSES:
        families = sorted({name.split(".")[1] for name in CLASSES})
        raise FieldError(
            attribute, f"must be a class of the families {', '.join(families)}, not {value!r}"
        )


@frozen(kw_only=True)
class DBSubnetGroup(Resource):
    """The subnets, and so the zones, that DB instances can be in."""

    TYPE: ClassVar[str] = "AWS::RDS::DBSubnetGroup"
    INERT: ClassVar[frozenset[str]] = frozenset({"Tags"})

    db_subnet_group_name: str | None = field(metadata={"name": "DBSubnetGroupName"}, default=None)
    db_subnet_group_description: str = field(metadata={"name": "DBSubnetGroupDescription"})
    subnet_ids: tuple[SubnetId, ...] = field(validator=length(2))


@frozen(kw_only=True)
class DBCluster(Resource):
    """A cluster of Aurora: one writer, and up to 15 readers of the same data."""

    TYPE: ClassVar[str] = "AWS::RDS::DBCluster"
    INERT: ClassVar[frozenset[str]] = frozenset(
        {
            "AssociatedRoles",
            "AutoMinorVersionUpgrade",
            "AvailabilityZones",
            "BacktrackWindow",
            "BackupRetentionPeriod",
            "CopyTagsToSnapshot",
            "DBClusterParameterGroupName",
            "DatabaseInsightsMode",
            "DatabaseName",
            "DeletionProtection",
            "EnableCloudwatchLogsExports",
            "EnableIAMDatabaseAuthentication",
            "EngineVersion",
            "KmsKeyId",
            "ManageMasterUserPassword",
            "MasterUserPassword",
            "MasterUserSecret",
            "MasterUsername",
            "MonitoringInterval",
            "MonitoringRoleArn",
            "NetworkType",
            "PerformanceInsightsEnabled",
            "PerformanceInsightsKmsKeyId",
            "PerformanceInsightsRetentionPeriod",
            "Port",
            "PreferredBackupWindow",
            "PreferredMaintenanceWindow",
            "StorageEncrypted",
            "Tags",
            "VpcSecurityGroupIds",
        }
    )
    REFUSED: ClassVar[dict[str, str]] = {
        "AllocatedStorage": "Multi-AZ DB clusters are not; take Engine aurora-mysql",
        "DBClusterInstanceClass": "Multi-AZ DB clusters are not; take Engine aurora-mysql",
        "GlobalClusterIdentifier": "global databases are not",
        "ReplicationSourceIdentifier": "replication from elsewhere is not",
        "ScalingConfiguration": "Aurora Serverless is not",
        "ServerlessV2ScalingConfiguration": "Aurora Serverless is not",
        "SnapshotIdentifier": "a cluster begins with its data",
        "SourceDBClusterIdentifier": "a cluster begins with its data",
    }

    db_cluster_identifier: str | None = field(
        metadata={"name": "DBClusterIdentifier"}, default=None, validator=length(1, 63)
    )
    engine: str = field(validator=one_of(*AURORA))
    engine_mode: str = field(
        default="provisioned",
        validator=not_simulated(serverless="Aurora Serverless"),
    )
    storage_type: str = field(default="aurora", validator=one_of("aurora", "aurora-iopt1"))
    db_subnet_group_name: SubnetGroupRef | None = field(
        metadata={"name": "DBSubnetGroupName"}, default=None
    )

    @property
    def name(self) -> str:
        return self.identity.ref

    @property
    def dimension(self) -> tuple[str, str]:
        """Name and value of the dimension that its metrics are known by."""
        return "DBClusterIdentifier", self.name


@frozen(kw_only=True)
class DBInstance(Resource):
    """A DB instance: the writer or a reader of a cluster, or one that stands alone."""

    TYPE: ClassVar[str] = "AWS::RDS::DBInstance"
    INERT: ClassVar[frozenset[str]] = frozenset(
        {
            "AllocatedStorage",
            "AllowMajorVersionUpgrade",
            "AssociatedRoles",
            "AutoMinorVersionUpgrade",
            "BackupRetentionPeriod",
            "CACertificateIdentifier",
            "CopyTagsToSnapshot",
            "DBName",
            "DBParameterGroupName",
            "DBSecurityGroups",
            "DatabaseInsightsMode",
            "DeleteAutomatedBackups",
            "DeletionProtection",
            "EnableCloudwatchLogsExports",
            "EnableIAMDatabaseAuthentication",
            "EnablePerformanceInsights",
            "EngineVersion",
            "Iops",
            "KmsKeyId",
            "LicenseModel",
            "ManageMasterUserPassword",
            "MasterUserPassword",
            "MasterUserSecret",
            "MasterUsername",
            "MaxAllocatedStorage",
            "MonitoringInterval",
            "MonitoringRoleArn",
            "NetworkType",
            "OptionGroupName",
            "PerformanceInsightsKMSKeyId",
            "PerformanceInsightsRetentionPeriod",
            "Port",
            "PreferredBackupWindow",
            "PreferredMaintenanceWindow",
            "PubliclyAccessible",
            "StorageEncrypted",
            "StorageThroughput",
            "StorageType",
            "Tags",
            "VPCSecurityGroups",
        }
    )
    REFUSED: ClassVar[dict[str, str]] = {
        "DBSnapshotIdentifier": "a DB instance begins with its data",
        "ProcessorFeatures": "a class has the vCPUs that it has",
        "SourceDBInstanceIdentifier": "read replicas are not; take a cluster of Aurora",
    }

    db_instance_identifier: str | None = field(
        metadata={"name": "DBInstanceIdentifier"}, default=None, validator=length(1, 63)
    )
    db_cluster_identifier: ClusterRef | None = field(
        metadata={"name": "DBClusterIdentifier"}, default=None
    )
    """The cluster that it is in; None: it stands alone."""
    db_instance_class: str = field(metadata={"name": "DBInstanceClass"}, validator=_known_class)
    engine: str | None = field(default=None, validator=one_of(*AURORA, *ALONE))
    availability_zone: str | None = None
    multi_az: bool = field(metadata={"name": "MultiAZ"}, default=False)
    """Whether it has a standby in another zone, which serves nobody until it takes over."""
    promotion_tier: int = field(default=1, validator=between(0, 15))
    db_subnet_group_name: SubnetGroupRef | None = field(
        metadata={"name": "DBSubnetGroupName"}, default=None
    )

    def __attrs_post_init__(self) -> None:
        own, inside = fields_dict(DBInstance), self.db_cluster_identifier is not None
        if inside and self.multi_az:
            problem = "must be left out: a cluster has readers in other zones instead"
            raise FieldError(own["multi_az"], problem)
        if not inside and self.engine not in ALONE:
            problem = f"must be one of {', '.join(ALONE)} where there is no DBClusterIdentifier"
            raise FieldError(own["engine"], problem)
        if inside and self.engine in ALONE:
            problem = f"must be one of {', '.join(AURORA)} in a cluster"
            raise FieldError(own["engine"], problem)
        if self.price is None:
            problem = f"must be a class that there is {'in' if inside else 'outside'} Aurora"
            raise FieldError(own["db_instance_class"], problem)

    @property
    def name(self) -> str:
        return self.identity.ref

    @property
    def kind(self) -> InstanceClass:
        return CLASSES[self.db_instance_class]

    @property
    def price(self) -> float | None:
        """US dollars an hour; a standby costs as much again."""
        if self.db_cluster_identifier is not None:
            return self.kind.aurora
        alone = self.kind.alone
        return None if alone is None else alone * (2 if self.multi_az else 1)

    @property
    def dimension(self) -> tuple[str, str]:
        """Name and value of the dimension that its metrics are known by."""
        return "DBInstanceIdentifier", self.name
