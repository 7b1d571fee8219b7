"""Resource types: which are simulated, which are kept inert, which are refused and why."""

from __future__ import annotations

from model.autoscaling.launch_configurations import LaunchConfiguration
from model.autoscaling.lifecycle_resources import LifecycleHook, WarmPool
from model.autoscaling.resources import AutoScalingGroup, ScalingPolicy
from model.autoscaling.scheduled_actions import ScheduledAction
from model.cloudwatch.anomaly.resources import AnomalyDetector
from model.cloudwatch.composites import CompositeAlarm
from model.cloudwatch.dashboards.resource import Dashboard
from model.cloudwatch.resources import Alarm
from model.dynamodb.resources import Table
from model.ec2.access import InstanceProfile, KeyPair, Role
from model.ec2.firewalls import (
    NetworkAcl,
    NetworkAclEntry,
    SecurityGroup,
    SecurityGroupEgress,
    SecurityGroupIngress,
    SubnetNetworkAclAssociation,
)
from model.ec2.launch_templates import LaunchTemplate
from model.ec2.machines import StandaloneInstance
from model.ec2.resources import (
    InternetGateway,
    Route,
    RouteTable,
    Subnet,
    SubnetRouteTableAssociation,
    Vpc,
    VpcGatewayAttachment,
)
from model.ec2.volumes import Volume
from model.ecs.resources import Cluster, EcsService
from model.ecs.task_definitions import TaskDefinition
from model.elb.resources import (
    ClassicLoadBalancer,
    Listener,
    ListenerRule,
    LoadBalancer,
    TargetGroup,
)
from model.events.resources import Queue, Rule, Subscription, Topic
from model.functions.resources import EventInvokeConfig, Function, Permission, Version
from model.rds.resources import DBCluster, DBInstance, DBSubnetGroup
from model.resources import Resource
from model.route53.resources import HostedZone, RecordSet

SIMULATED: dict[str, type[Resource]] = {
    kind.TYPE: kind
    for kind in (
        Alarm,
        AnomalyDetector,
        AutoScalingGroup,
        ClassicLoadBalancer,
        Cluster,
        CompositeAlarm,
        DBCluster,
        DBInstance,
        DBSubnetGroup,
        Dashboard,
        EcsService,
        EventInvokeConfig,
        Function,
        HostedZone,
        InstanceProfile,
        InternetGateway,
        KeyPair,
        LaunchConfiguration,
        LaunchTemplate,
        LifecycleHook,
        Listener,
        ListenerRule,
        LoadBalancer,
        NetworkAcl,
        NetworkAclEntry,
        Permission,
        Queue,
        RecordSet,
        Role,
        Route,
        RouteTable,
        Rule,
        ScalingPolicy,
        ScheduledAction,
        SecurityGroup,
        SecurityGroupEgress,
        SecurityGroupIngress,
        StandaloneInstance,
        Subnet,
        SubnetNetworkAclAssociation,
        SubnetRouteTableAssociation,
        Subscription,
        Table,
        TargetGroup,
        TaskDefinition,
        Topic,
        Version,
        Volume,
        Vpc,
        VpcGatewayAttachment,
        WarmPool,
    )
}

INERT_SERVICES = frozenset(
    {
        "ApiGateway",
        "ApiGatewayV2",
        "ApplicationInsights",
        "Athena",
        "Backup",
        "Budgets",
        "CertificateManager",
        "CloudFront",
        "CloudTrail",
        "CodeBuild",
        "CodeDeploy",
        "CodePipeline",
        "Cognito",
        "Config",
        "ECR",
        "DocDB",
        "EFS",
        "ElastiCache",
        "GuardDuty",
        "IAM",
        "Inspector",
        "KMS",
        "KinesisFirehose",
        "Logs",
        "RDS",
        "Route53",
        "S3",
        "SQS",
        "SSM",
        "SecretsManager",
        "SecurityHub",
        "ServiceDiscovery",
        "WAF",
        "WAFv2",
    }
)
"""Services whose resources are kept but change no outcome here."""

INERT_TYPES = frozenset(
    {
        "AWS::CloudFormation::WaitCondition",
        "AWS::CloudFormation::WaitConditionHandle",
        "AWS::CloudWatch::InsightRule",
        "AWS::CloudWatch::MetricStream",
        "AWS::DynamoDB::GlobalTable",
        "AWS::EC2::DHCPOptions",
        "AWS::EC2::EIP",
        "AWS::EC2::EIPAssociation",
        "AWS::EC2::EgressOnlyInternetGateway",
        "AWS::EC2::FlowLog",
        "AWS::EC2::NatGateway",
        "AWS::EC2::PlacementGroup",
        "AWS::EC2::VPCCidrBlock",
        "AWS::EC2::VPCDHCPOptionsAssociation",
        "AWS::EC2::VPCEndpoint",
        "AWS::EC2::VolumeAttachment",
        "AWS::ElasticLoadBalancingV2::ListenerCertificate",
        "AWS::Events::EventBus",
        "AWS::Events::EventBusPolicy",
        "AWS::Kinesis::Stream",
        "AWS::Lambda::LayerVersion",
        "AWS::Lambda::LayerVersionPermission",
        "AWS::SNS::TopicPolicy",
        "AWS::StepFunctions::StateMachine",
    }
)
"""Single types that are kept but change no outcome here."""

REFUSED: dict[str, str] = {
    "AWS::ApplicationAutoScaling::ScalableTarget": "scaling of other resources",
    "AWS::ApplicationAutoScaling::ScalingPolicy": "scaling of other resources",
    "AWS::AutoScalingPlans::ScalingPlan": "scaling plans",
    "AWS::EC2::SpotFleet": "Spot fleets",
    "AWS::ECS::CapacityProvider": "tasks on EC2 instances; Fargate's capacity providers are there",
    "AWS::ECS::ClusterCapacityProviderAssociations": "name CapacityProviders of the cluster itself",
    "AWS::ECS::TaskSet": "only rolling deployments are",
    "AWS::Lambda::Alias": "aliases of Lambda functions; name the function itself, or a version",
}
"""Types that could change the outcome and are not simulated yet: what they stand for."""

STACKS = frozenset({"AWS::CloudFormation::Stack", "AWS::CloudFormation::Macro"})
"""Types that only CloudFormation itself can expand."""


def is_inert(type_: str) -> bool:
    """Whether a type is kept without being simulated."""
    if type_.startswith("Custom::") or type_ == "AWS::CloudFormation::CustomResource":
        return True
    service = type_.split("::")[1] if type_.count("::") == 2 else ""
    return type_ in INERT_TYPES or service in INERT_SERVICES
