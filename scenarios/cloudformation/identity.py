"""What AWS would call the resources of a template: what `Ref` and `Fn::GetAtt` give.

Source: the return values of each resource type in the CloudFormation reference. Random parts are
derived from the logical id, so that a template always gives the same names.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from attrs import evolve

from model.resources import ACCOUNT, REGION, Identity

NAMED_BY: Mapping[str, tuple[str, ...]] = {
    "AWS::AutoScaling::AutoScalingGroup": ("AutoScalingGroupName",),
    "AWS::AutoScaling::LaunchConfiguration": ("LaunchConfigurationName",),
    "AWS::AutoScaling::LifecycleHook": ("LifecycleHookName",),
    "AWS::AutoScaling::ScalingPolicy": ("AutoScalingGroupName",),
    "AWS::CloudWatch::Alarm": ("AlarmName",),
    "AWS::CloudWatch::CompositeAlarm": ("AlarmName",),
    "AWS::CloudWatch::Dashboard": ("DashboardName",),
    "AWS::DynamoDB::Table": ("StreamSpecification", "TableName"),
    "AWS::EC2::KeyPair": ("KeyName",),
    "AWS::EC2::LaunchTemplate": ("LaunchTemplateName",),
    "AWS::EC2::VPC": ("CidrBlock",),
    "AWS::ECS::Cluster": ("ClusterName",),
    "AWS::ECS::Service": ("Cluster", "ServiceName"),
    "AWS::ECS::TaskDefinition": ("Family",),
    "AWS::ElasticLoadBalancing::LoadBalancer": ("LoadBalancerName", "Scheme"),
    "AWS::ElasticLoadBalancingV2::LoadBalancer": ("Name", "Scheme", "Type"),
    "AWS::ElasticLoadBalancingV2::TargetGroup": ("Name",),
    "AWS::Events::EventBus": ("Name",),
    "AWS::Events::Rule": ("Name",),
    "AWS::IAM::InstanceProfile": ("InstanceProfileName", "Path"),
    "AWS::IAM::Role": ("RoleName", "Path"),
    "AWS::Kinesis::Stream": ("Name",),
    "AWS::Lambda::Function": ("FunctionName",),
    "AWS::Lambda::Version": ("FunctionName",),
    "AWS::Logs::LogGroup": ("LogGroupName",),
    "AWS::RDS::DBCluster": ("DBClusterIdentifier",),
    "AWS::RDS::DBInstance": ("DBInstanceIdentifier",),
    "AWS::RDS::DBSubnetGroup": ("DBSubnetGroupName",),
    "AWS::Route53::RecordSet": ("Name",),
    "AWS::SNS::Subscription": ("TopicArn",),
    "AWS::SNS::Topic": ("TopicName",),
    "AWS::SQS::Queue": ("FifoQueue", "QueueName"),
    "AWS::StepFunctions::StateMachine": ("StateMachineName",),
}
"""The properties that a type's identity is made of; `identify` needs them resolved."""

ALIASES = {"AWS::EC2::LaunchTemplate": "LaunchTemplateName"}
"""Properties by which others may name a resource though neither Ref nor GetAtt gives them."""

Properties = Mapping[str, Any]
Maker = Callable[[str, Properties], tuple[str, dict[str, str]]]
"""Makes what Ref gives and what GetAtt gives out of a logical id and properties."""

ZONE = "Z35SXDOTRQ7X7K"
"""The hosted zone that the names of Application and Classic Load Balancers of us-east-1 are in
("Elastic Load Balancing endpoints and quotas")."""
FLOW_ZONE = "Z26RNL4JYFTOTI"
"""The same of Network Load Balancers."""

_ELB = f"arn:aws:elasticloadbalancing:{REGION}:{ACCOUNT}"
_AUTOSCALING = f"arn:aws:autoscaling:{REGION}:{ACCOUNT}"


def identify(type_: str, logical_id: str, properties: Properties) -> Identity:
    """The identity of a resource; of a type that is not simulated, a plausible one."""
    maker = _MAKERS.get(type_)
    if maker is None:
        name = f"{logical_id}-{_digits(logical_id, 12)}"
        arn = f"arn:aws:{type_.split('::')[1].lower()}:{REGION}:{ACCOUNT}:{name}"
        return Identity(logical_id, type_, name, {"Arn": arn})
    ref, attributes = maker(logical_id, properties)
    alias = properties.get(ALIASES.get(type_, ""))
    aliases = frozenset({alias}) if isinstance(alias, str) else frozenset[str]()
    return Identity(logical_id, type_, ref, attributes, aliases)


def _digits(logical_id: str, count: int) -> str:
    return hashlib.sha256(logical_id.encode()).hexdigest()[:count]


def _uuid(logical_id: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_URL, logical_id))


def _named(logical_id: str, properties: Properties, key: str) -> str:
    """The name a template gives, or the logical id."""
    name = properties.get(key)
    return str(name) if isinstance(name, str | int) else logical_id


def _plain(prefix: str, attribute: str) -> Maker:
    """Things named `prefix-` and seventeen digits, by Ref as by one attribute."""

    def make(logical_id: str, _: Properties) -> tuple[str, dict[str, str]]:
        name = f"{prefix}-{_digits(logical_id, 17)}"
        return name, {attribute: name}

    return make


def _vpc(logical_id: str, properties: Properties) -> tuple[str, dict[str, str]]:
    name = f"vpc-{_digits(logical_id, 17)}"
    return name, {
        "CidrBlock": _named("10.0.0.0/16", properties, "CidrBlock"),
        "DefaultNetworkAcl": f"acl-{_digits(logical_id, 17)}",
        "DefaultSecurityGroup": f"sg-{_digits(logical_id, 17)}",
        "VpcId": name,
    }


def _security_group(logical_id: str, _: Properties) -> tuple[str, dict[str, str]]:
    name = f"sg-{_digits(logical_id, 17)}"
    return name, {"GroupId": name, "Id": name}


def _inside(properties: Properties) -> str:
    """How the DNS name of a load balancer begins that only the VPC reaches."""
    return "internal-" if properties.get("Scheme") == "internal" else ""


def _load_balancer(logical_id: str, properties: Properties) -> tuple[str, dict[str, str]]:
    name, number = _named(logical_id, properties, "Name"), _digits(logical_id, 16)
    kind = "net" if properties.get("Type") == "network" else "app"
    full = f"{kind}/{name}/{number}"
    arn = f"{_ELB}:loadbalancer/{full}"
    dns = f"{_inside(properties)}{name}-{int(number[:8], 16)}.{REGION}.elb.amazonaws.com"
    if kind == "net":
        dns = f"{name}-{number}.elb.{REGION}.amazonaws.com"
    return arn, {
        "CanonicalHostedZoneID": FLOW_ZONE if kind == "net" else ZONE,
        "DNSName": dns,
        "LoadBalancerArn": arn,
        "LoadBalancerFullName": full,
        "LoadBalancerName": name,
    }


def _classic_load_balancer(logical_id: str, properties: Properties) -> tuple[str, dict[str, str]]:
    name = _named(logical_id, properties, "LoadBalancerName")
    number = int(_digits(logical_id, 8), 16)
    dns = f"{_inside(properties)}{name}-{number}.{REGION}.elb.amazonaws.com"
    return name, {
        "CanonicalHostedZoneName": dns,
        "CanonicalHostedZoneNameID": ZONE,
        "DNSName": dns,
        "SourceSecurityGroup.GroupName": "amazon-elb-sg",
        "SourceSecurityGroup.OwnerAlias": "amazon-elb",
    }


def _listener(logical_id: str, _: Properties) -> tuple[str, dict[str, str]]:
    number = _digits(logical_id, 32)
    arn = f"{_ELB}:listener/app/{logical_id}/{number[:16]}/{number[16:]}"
    return arn, {"ListenerArn": arn}


def _rule(logical_id: str, _: Properties) -> tuple[str, dict[str, str]]:
    number = _digits(logical_id, 48)
    arn = f"{_ELB}:listener-rule/app/{logical_id}/{number[:16]}/{number[16:32]}/{number[32:]}"
    return arn, {"RuleArn": arn}


def _target_group(logical_id: str, properties: Properties) -> tuple[str, dict[str, str]]:
    name, number = _named(logical_id, properties, "Name"), _digits(logical_id, 16)
    full = f"targetgroup/{name}/{number}"
    arn = f"{_ELB}:{full}"
    return arn, {"TargetGroupArn": arn, "TargetGroupFullName": full, "TargetGroupName": name}


def _launch_template(logical_id: str, _: Properties) -> tuple[str, dict[str, str]]:
    name = f"lt-{_digits(logical_id, 17)}"
    return name, {
        "DefaultVersionNumber": "1",
        "LatestVersionNumber": "1",
        "LaunchTemplateId": name,
    }


def _key_pair(logical_id: str, properties: Properties) -> tuple[str, dict[str, str]]:
    number = _digits(logical_id, 17)
    fingerprint = ":".join(_digits(logical_id, 32)[index : index + 2] for index in range(0, 32, 2))
    attributes = {"KeyPairId": f"key-{number}", "KeyFingerprint": fingerprint}
    return _named(logical_id, properties, "KeyName"), attributes


def _of_iam(kind: str, key: str, number: str) -> Maker:
    """Roles and instance profiles, which belong to no region."""

    def make(logical_id: str, properties: Properties) -> tuple[str, dict[str, str]]:
        name, path = _named(logical_id, properties, key), _named("/", properties, "Path")
        ids = {number: f"AROA{_digits(logical_id, 16).upper()}"} if number else {}
        return name, {"Arn": f"arn:aws:iam::{ACCOUNT}:{kind}{path}{name}", **ids}

    return make


def _launch_configuration(logical_id: str, properties: Properties) -> tuple[str, dict[str, str]]:
    return _named(logical_id, properties, "LaunchConfigurationName"), {}


def _group(logical_id: str, properties: Properties) -> tuple[str, dict[str, str]]:
    name = _named(logical_id, properties, "AutoScalingGroupName")
    tail = f"{_uuid(logical_id)}:autoScalingGroupName/{name}"
    return name, {"AutoScalingGroupARN": f"{_AUTOSCALING}:autoScalingGroup:{tail}"}


def _hook(logical_id: str, properties: Properties) -> tuple[str, dict[str, str]]:
    return _named(logical_id, properties, "LifecycleHookName"), {}


def _policy(logical_id: str, properties: Properties) -> tuple[str, dict[str, str]]:
    group = _named("group", properties, "AutoScalingGroupName")
    tail = f"{_uuid(logical_id)}:autoScalingGroupName/{group}:policyName/{logical_id}"
    arn = f"{_AUTOSCALING}:scalingPolicy:{tail}"
    return arn, {"Arn": arn, "PolicyName": logical_id}


def _scheduled_action(logical_id: str, _: Properties) -> tuple[str, dict[str, str]]:
    return logical_id, {"ScheduledActionName": logical_id}


def _alarm(logical_id: str, properties: Properties) -> tuple[str, dict[str, str]]:
    name = _named(logical_id, properties, "AlarmName")
    return name, {"Arn": f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:{name}"}


def _dashboard(logical_id: str, properties: Properties) -> tuple[str, dict[str, str]]:
    return _named(logical_id, properties, "DashboardName"), {}


_FUNCTION = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:"


def _function(logical_id: str, properties: Properties) -> tuple[str, dict[str, str]]:
    name = _named(logical_id, properties, "FunctionName")
    return name, {"Arn": _FUNCTION + name}


def _version(logical_id: str, properties: Properties) -> tuple[str, dict[str, str]]:
    """The first version of its function."""
    function = _named(logical_id, properties, "FunctionName")
    arn = f"{_FUNCTION}{function.removeprefix(_FUNCTION)}:1"
    return arn, {"FunctionArn": arn, "Version": "1"}


def _hosted_zone(logical_id: str, _: Properties) -> tuple[str, dict[str, str]]:
    zone = f"Z{_digits(logical_id, 20).upper()}"
    servers = ",".join(f"ns-{number}.awsdns-{number:02}.com" for number in (1, 2, 3, 4))
    return zone, {"Id": zone, "NameServers": servers}


def _record_set(logical_id: str, properties: Properties) -> tuple[str, dict[str, str]]:
    return _named(logical_id, properties, "Name"), {}


def _topic(logical_id: str, properties: Properties) -> tuple[str, dict[str, str]]:
    name = _named(logical_id, properties, "TopicName")
    arn = f"arn:aws:sns:{REGION}:{ACCOUNT}:{name}"
    return arn, {"TopicArn": arn, "TopicName": name}


def _subscription(logical_id: str, properties: Properties) -> tuple[str, dict[str, str]]:
    arn = f"{_named(logical_id, properties, 'TopicArn')}:{_uuid(logical_id)}"
    return arn, {"Arn": arn}


def _queue(logical_id: str, properties: Properties) -> tuple[str, dict[str, str]]:
    name = _named(logical_id, properties, "QueueName")
    if properties.get("FifoQueue") in (True, "true") and "QueueName" not in properties:
        name += ".fifo"
    url = f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/{name}"
    arn = f"arn:aws:sqs:{REGION}:{ACCOUNT}:{name}"
    return url, {"Arn": arn, "QueueName": name, "QueueUrl": url}


def _table(logical_id: str, properties: Properties) -> tuple[str, dict[str, str]]:
    name = _named(logical_id, properties, "TableName")
    arn = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{name}"
    stream = {"StreamArn": f"{arn}/stream/2026-01-01T00:00:00.000"}
    return name, {"Arn": arn, **(stream if "StreamSpecification" in properties else {})}


def _db_cluster(logical_id: str, properties: Properties) -> tuple[str, dict[str, str]]:
    name = _named(logical_id, properties, "DBClusterIdentifier").lower()
    host = f"{_digits(logical_id, 12)}.{REGION}.rds.amazonaws.com"
    port = "5432" if "postgres" in str(properties.get("Engine")) else "3306"
    return name, {
        "DBClusterArn": f"arn:aws:rds:{REGION}:{ACCOUNT}:cluster:{name}",
        "DBClusterResourceId": f"cluster-{_digits(logical_id, 26).upper()}",
        "Endpoint.Address": f"{name}.cluster-{host}",
        "Endpoint.Port": port,
        "ReadEndpoint.Address": f"{name}.cluster-ro-{host}",
    }


def _db_instance(logical_id: str, properties: Properties) -> tuple[str, dict[str, str]]:
    name = _named(logical_id, properties, "DBInstanceIdentifier").lower()
    return name, {
        "DBInstanceArn": f"arn:aws:rds:{REGION}:{ACCOUNT}:db:{name}",
        "DbiResourceId": f"db-{_digits(logical_id, 26).upper()}",
        "Endpoint.Address": f"{name}.{_digits(logical_id, 12)}.{REGION}.rds.amazonaws.com",
        "Endpoint.Port": "5432" if "postgres" in str(properties.get("Engine")) else "3306",
    }


def _db_subnet_group(logical_id: str, properties: Properties) -> tuple[str, dict[str, str]]:
    return _named(logical_id, properties, "DBSubnetGroupName").lower(), {}


def _within(service: str, prefix: str, key: str, *, tail: str = "") -> Maker:
    """Things that Ref calls by their name, with an Arn of a service."""

    def make(logical_id: str, properties: Properties) -> tuple[str, dict[str, str]]:
        name = _named(logical_id, properties, key)
        return name, {"Arn": f"arn:aws:{service}:{REGION}:{ACCOUNT}:{prefix}{name}{tail}"}

    return make


def _state_machine(logical_id: str, properties: Properties) -> tuple[str, dict[str, str]]:
    name = _named(logical_id, properties, "StateMachineName")
    arn = f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:{name}"
    return arn, {"Arn": arn, "Name": name}


def _ecs_service(logical_id: str, properties: Properties) -> tuple[str, dict[str, str]]:
    """In a cluster, which may be named by its ARN."""
    name = _named(logical_id, properties, "ServiceName")
    cluster = _named("default", properties, "Cluster").rpartition("/")[2]
    arn = f"arn:aws:ecs:{REGION}:{ACCOUNT}:service/{cluster}/{name}"
    return arn, {"Name": name, "ServiceArn": arn}


def _task_definition(logical_id: str, properties: Properties) -> tuple[str, dict[str, str]]:
    """The first revision of its family."""
    family = _named(logical_id, properties, "Family")
    arn = f"arn:aws:ecs:{REGION}:{ACCOUNT}:task-definition/{family}:1"
    return arn, {"TaskDefinitionArn": arn}


def revised(identity: Identity, earlier: Iterable[Identity]) -> Identity:
    """A task definition's identity, where `earlier` ones of the template may be of its family: each
    is the next revision."""
    family = identity.ref.rpartition(":")[0]
    same = sum(other.ref.rpartition(":")[0] == family for other in earlier)
    arn = f"{family}:{same + 1}"
    return evolve(identity, ref=arn, attributes={"TaskDefinitionArn": arn})


_MAKERS: dict[str, Maker] = {
    "AWS::AutoScaling::AutoScalingGroup": _group,
    "AWS::AutoScaling::LaunchConfiguration": _launch_configuration,
    "AWS::AutoScaling::LifecycleHook": _hook,
    "AWS::AutoScaling::ScalingPolicy": _policy,
    "AWS::AutoScaling::ScheduledAction": _scheduled_action,
    "AWS::CloudWatch::Alarm": _alarm,
    "AWS::CloudWatch::CompositeAlarm": _alarm,
    "AWS::CloudWatch::Dashboard": _dashboard,
    "AWS::DynamoDB::Table": _table,
    "AWS::EC2::Instance": _plain("i", "InstanceId"),
    "AWS::EC2::InternetGateway": _plain("igw", "InternetGatewayId"),
    "AWS::EC2::KeyPair": _key_pair,
    "AWS::EC2::LaunchTemplate": _launch_template,
    "AWS::EC2::NetworkAcl": _plain("acl", "Id"),
    "AWS::EC2::NetworkAclEntry": _plain("aclentry", "Id"),
    "AWS::EC2::Route": _plain("r", "Id"),
    "AWS::EC2::RouteTable": _plain("rtb", "RouteTableId"),
    "AWS::EC2::SecurityGroup": _security_group,
    "AWS::EC2::SecurityGroupEgress": _plain("sgr", "Id"),
    "AWS::EC2::SecurityGroupIngress": _plain("sgr", "Id"),
    "AWS::EC2::SubnetNetworkAclAssociation": _plain("aclassoc", "AssociationId"),
    "AWS::EC2::Subnet": _plain("subnet", "SubnetId"),
    "AWS::EC2::SubnetRouteTableAssociation": _plain("rtbassoc", "Id"),
    "AWS::EC2::Volume": _plain("vol", "VolumeId"),
    "AWS::EC2::VPC": _vpc,
    "AWS::EC2::VPCGatewayAttachment": _plain("attach", "AttachmentType"),
    "AWS::ECS::Cluster": _within("ecs", "cluster/", "ClusterName"),
    "AWS::ECS::Service": _ecs_service,
    "AWS::ECS::TaskDefinition": _task_definition,
    "AWS::ElasticLoadBalancing::LoadBalancer": _classic_load_balancer,
    "AWS::ElasticLoadBalancingV2::Listener": _listener,
    "AWS::ElasticLoadBalancingV2::ListenerRule": _rule,
    "AWS::ElasticLoadBalancingV2::LoadBalancer": _load_balancer,
    "AWS::ElasticLoadBalancingV2::TargetGroup": _target_group,
    "AWS::Events::EventBus": _within("events", "event-bus/", "Name"),
    "AWS::Events::Rule": _within("events", "rule/", "Name"),
    "AWS::IAM::InstanceProfile": _of_iam("instance-profile", "InstanceProfileName", ""),
    "AWS::IAM::Role": _of_iam("role", "RoleName", "RoleId"),
    "AWS::Kinesis::Stream": _within("kinesis", "stream/", "Name"),
    "AWS::Lambda::Function": _function,
    "AWS::Lambda::Version": _version,
    "AWS::RDS::DBCluster": _db_cluster,
    "AWS::RDS::DBInstance": _db_instance,
    "AWS::RDS::DBSubnetGroup": _db_subnet_group,
    "AWS::Route53::HostedZone": _hosted_zone,
    "AWS::Logs::LogGroup": _within("logs", "log-group:", "LogGroupName", tail=":*"),
    "AWS::Route53::RecordSet": _record_set,
    "AWS::SNS::Subscription": _subscription,
    "AWS::SNS::Topic": _topic,
    "AWS::SQS::Queue": _queue,
    "AWS::StepFunctions::StateMachine": _state_machine,
}
