"""Clusters and services of containers, as CloudFormation describes them.

Source: the CloudFormation reference of AWS::ECS::Cluster and AWS::ECS::Service; API CreateService;
"Amazon ECS services". Only Fargate runs tasks here.
"""

from __future__ import annotations

from typing import Annotated, ClassVar

from attrs import Attribute, field, frozen

from model.ec2.resources import SecurityGroupId, SubnetId
from model.ecs.deployment_configuration import ROLLING, DeploymentConfiguration
from model.fields import FieldError, at_least, between, length, not_simulated, one_of, refers_to
from model.resources import ACCOUNT, REGION, Resource

ClusterRef = Annotated[str, refers_to("AWS::ECS::Cluster")]
ServiceRef = Annotated[str, refers_to("AWS::ECS::Service")]
TaskDefinitionRef = Annotated[str, refers_to("AWS::ECS::TaskDefinition")]
TargetGroupRef = Annotated[str, refers_to("AWS::ElasticLoadBalancingV2::TargetGroup")]

FARGATE, FARGATE_SPOT = "FARGATE", "FARGATE_SPOT"
PROVIDERS = (FARGATE, FARGATE_SPOT)
"""Capacity providers that are there without being made."""
DEFAULT_CLUSTER = "default"
ON_INSTANCES = "tasks on EC2 instances are not; let Fargate run them (LaunchType: FARGATE)"


def _fargate(_: object, attribute: Attribute[str], value: str) -> None:
    if value not in PROVIDERS:
        raise FieldError(
            attribute,
            f"must be {FARGATE} or {FARGATE_SPOT}, not {value!r}: {ON_INSTANCES}",
        )


@frozen(kw_only=True)
class CapacityProviderStrategyItem:
    """How many of a service's tasks a capacity provider runs: the base first, then a share."""

    capacity_provider: str = field(validator=_fargate)
    base: int = field(default=0, validator=between(0, 100_000))
    weight: int = field(default=0, validator=between(0, 1000))


Strategy = tuple[CapacityProviderStrategyItem, ...]


@frozen(kw_only=True)
class ClusterSetting:
    """Whether Container Insights tells of a cluster."""

    name: str = field(validator=one_of("containerInsights"))
    value: str = field(validator=one_of("enabled", "enhanced", "disabled"))


@frozen(kw_only=True)
class Cluster(Resource):
    """Where services and tasks are."""

    TYPE: ClassVar[str] = "AWS::ECS::Cluster"
    INERT: ClassVar[frozenset[str]] = frozenset({"Configuration", "ServiceConnectDefaults", "Tags"})

    cluster_name: str | None = None
    capacity_providers: tuple[str, ...] = ()
    default_capacity_provider_strategy: Strategy = ()
    cluster_settings: tuple[ClusterSetting, ...] = ()

    @property
    def name(self) -> str:
        return self.identity.ref

    @property
    def insights(self) -> bool:
        """Whether Container Insights is on."""
        return any(setting.value != "disabled" for setting in self.cluster_settings)


@frozen(kw_only=True)
class ServiceLoadBalancer:
    """A target group that a service's tasks are registered with."""

    REFUSED: ClassVar[dict[str, str]] = {
        "AdvancedConfiguration": "only rolling deployments are",
        "LoadBalancerName": "tasks with addresses of their own are no targets of a Classic Load "
        "Balancer",
    }

    container_name: str
    container_port: int = field(validator=between(1, 65_535))
    target_group_arn: TargetGroupRef


@frozen(kw_only=True)
class AwsVpcConfiguration:
    """Where a service's tasks get their addresses."""

    INERT: ClassVar[frozenset[str]] = frozenset({"AssignPublicIp"})

    subnets: tuple[SubnetId, ...] = field(validator=length(1, 16))
    security_groups: tuple[SecurityGroupId, ...] = field(default=(), validator=length(0, 5))


@frozen(kw_only=True)
class NetworkConfiguration:
    """The network of a service's tasks."""

    awsvpc_configuration: AwsVpcConfiguration


@frozen(kw_only=True)
class DeploymentController:
    """What replaces a service's tasks."""

    type: str = field(
        default="ECS",
        validator=[
            not_simulated(
                **dict.fromkeys(("CODE_DEPLOY", "EXTERNAL"), "only rolling deployments are")
            ),
            one_of("ECS"),
        ],
    )


@frozen(kw_only=True)
class EcsService(Resource):
    """Keeps as many tasks of a task definition as are desired."""

    TYPE: ClassVar[str] = "AWS::ECS::Service"
    INERT: ClassVar[frozenset[str]] = frozenset(
        {
            "EnableECSManagedTags",
            "EnableExecuteCommand",
            "ForceNewDeployment",
            "PlatformVersion",
            "PropagateTags",
            "Role",
            "Tags",
            "VolumeConfigurations",
        }
    )
    REFUSED: ClassVar[dict[str, str]] = {
        "PlacementConstraints": "Fargate has none",
        "PlacementStrategies": "Fargate has none: it spreads tasks over zones",
        "ServiceConnectConfiguration": "load balancers are what leads to tasks",
        "ServiceRegistries": "load balancers are what leads to tasks",
        "VpcLatticeConfigurations": "load balancers are what leads to tasks",
    }

    service_name: str | None = None
    cluster: ClusterRef | None = None
    task_definition: TaskDefinitionRef
    desired_count: int = field(default=1, validator=at_least(0))
    launch_type: str | None = field(
        default=None,
        validator=[
            not_simulated(EC2=ON_INSTANCES, EXTERNAL="machines outside AWS are not"),
            one_of("FARGATE"),
        ],
    )
    capacity_provider_strategy: Strategy = field(default=(), validator=length(0, 20))
    scheduling_strategy: str = field(
        default="REPLICA",
        validator=[not_simulated(DAEMON="Fargate has no daemons"), one_of("REPLICA")],
    )
    network_configuration: NetworkConfiguration
    load_balancers: tuple[ServiceLoadBalancer, ...] = field(default=(), validator=length(0, 5))
    health_check_grace_period_seconds: int | None = field(
        default=None, validator=between(0, 2_147_483_647)
    )
    deployment_configuration: DeploymentConfiguration = ROLLING
    deployment_controller: DeploymentController = DeploymentController()
    availability_zone_rebalancing: str | None = field(
        default=None, validator=one_of("ENABLED", "DISABLED")
    )

    def __attrs_post_init__(self) -> None:
        if self.launch_type is not None and self.capacity_provider_strategy:
            raise ValueError("give LaunchType or CapacityProviderStrategy, not both")
        most = self.deployment_configuration.maximum_percent
        if self.availability_zone_rebalancing == "ENABLED" and most <= 100:
            raise ValueError(
                "AvailabilityZoneRebalancing must be DISABLED where MaximumPercent is 100: a task "
                "is started before another one is stopped"
            )

    @property
    def arn(self) -> str:
        return self.identity.ref

    @property
    def name(self) -> str:
        return self.identity.attributes["Name"]

    @property
    def cluster_name(self) -> str:
        """`default` if it names none."""
        return self.arn.split("/")[1]

    @property
    def cluster_arn(self) -> str:
        return f"arn:aws:ecs:{REGION}:{ACCOUNT}:cluster/{self.cluster_name}"

    @property
    def dimensions(self) -> dict[str, str]:
        """Those by which its metrics are known."""
        return {"ClusterName": self.cluster_name, "ServiceName": self.name}

    @property
    def network(self) -> AwsVpcConfiguration:
        return self.network_configuration.awsvpc_configuration

    @property
    def grace_period(self) -> float:
        """Seconds from a task's running for which failed health checks do not count."""
        return float(self.health_check_grace_period_seconds or 0)

    @property
    def rebalances(self) -> bool:
        """Whether tasks are moved so that zones are in balance."""
        able = self.deployment_configuration.maximum_percent > 100
        return able and self.availability_zone_rebalancing != "DISABLED"
