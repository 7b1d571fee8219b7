"""The resources of the namespaces AWS::Events, AWS::SNS and AWS::SQS, as CloudFormation has them.

Sources: the CloudFormation reference of each type; the API references PutRule, PutTargets,
RetryPolicy and Subscribe.
"""

from __future__ import annotations

import json
import re
from typing import Annotated, Any, ClassVar

from attrs import Attribute, field, frozen

from model.events.inputs import RESERVED, Path, Transformer, parse_path, variables
from model.fields import FieldError, between, length, one_of, refers_to
from model.resources import Resource

TopicRef = Annotated[str, refers_to("AWS::SNS::Topic")]
SERVICES: dict[str, str] = {
    "apigateway": "API Gateway",
    "appsync": "AppSync API",
    "batch": "Batch job queue",
    "codebuild": "CodeBuild project",
    "codepipeline": "CodePipeline",
    "ecs": "ECS task",
    "events": "event bus",
    "execute-api": "API Gateway",
    "firehose": "Firehose stream",
    "imagebuilder": "Image Builder pipeline",
    "inspector": "Inspector assessment",
    "kinesis": "Kinesis stream",
    "lambda": "Lambda function",
    "logs": "CloudWatch log group",
    "redshift": "Redshift cluster",
    "redshift-serverless": "Redshift workgroup",
    "sagemaker": "SageMaker pipeline",
    "sns": "SNS topic",
    "sqs": "SQS queue",
    "ssm": "Systems Manager",
    "ssm-incidents": "Incident Manager response plan",
    "states": "Step Functions state machine",
}
"""What a rule can have as a target, by the service in its ARN."""
_ARN = re.compile(r"arn:aws[a-z-]*:([a-z0-9-]+):[a-z0-9-]*:\d*:.+")
_NAME = re.compile(r"[.\-_A-Za-z0-9]{1,64}")


def _target_arn(_: Any, attribute: Attribute[Any], value: str) -> None:
    found = _ARN.fullmatch(value)
    if found is None:
        raise FieldError(attribute, f"must be the ARN of a target, not {value!r}")
    if found[1] not in SERVICES:
        raise FieldError(attribute, f"must be the ARN of a target: {found[1]} has none")


def _json(_: Any, attribute: Attribute[Any], value: str | None) -> None:
    if value is not None:
        try:
            json.loads(value)
        except ValueError as problem:
            raise FieldError(
                attribute, f"must be JSON text (a string in its own quotes): {problem}"
            ) from None


def _path(_: Any, attribute: Attribute[Any], value: str | None) -> None:
    if value is not None:
        try:
            parse_path(value)
        except ValueError as problem:
            raise FieldError(attribute, str(problem)) from None


def _name(_: Any, attribute: Attribute[Any], value: str | None) -> None:
    if value is not None and not _NAME.fullmatch(value):
        raise FieldError(
            attribute, f"must be up to 64 letters, digits, dots, hyphens or _, not {value!r}"
        )


def _paths(_: Any, attribute: Attribute[Any], value: dict[str, str]) -> None:
    for name, text in value.items():
        if name.lower().startswith("aws.") or not re.fullmatch(r"[A-Za-z0-9_-]{1,256}", name):
            raise FieldError(attribute, f"{name!r} is no name of a variable")
        try:
            parse_path(text)
        except ValueError as problem:
            raise FieldError(attribute, f"{name}: {problem}") from None


@frozen(kw_only=True)
class InputTransformer:
    """A text made of parts of the event."""

    input_paths_map: dict[str, str] = field(factory=dict, validator=[length(0, 100), _paths])
    input_template: str = field(validator=length(1, 8192))

    def __attrs_post_init__(self) -> None:
        for name in variables(self.input_template):
            if name not in self.input_paths_map and name not in RESERVED:
                raise ValueError(
                    f"Invalid InputTemplate: <{name}> is in neither InputPathsMap nor the reserved "
                    "variables"
                )

    @property
    def transformer(self) -> Transformer:
        """Ready to be filled in."""
        paths = ((name, parse_path(text)) for name, text in self.input_paths_map.items())
        return Transformer(tuple(paths), self.input_template)


@frozen(kw_only=True)
class RetryPolicy:
    """How long a delivery that fails is tried again."""

    maximum_retry_attempts: int = field(default=185, validator=between(0, 185))
    maximum_event_age_in_seconds: int = field(default=86_400, validator=between(60, 86_400))


@frozen(kw_only=True)
class DeadLetterConfig:
    """Where events go that could not be delivered."""

    arn: str | None = None


@frozen(kw_only=True)
class Target:
    """Who is told of an event that a rule takes, and what."""

    INERT: ClassVar[frozenset[str]] = frozenset(
        {
            "AppSyncParameters",
            "BatchParameters",
            "EcsParameters",
            "HttpParameters",
            "KinesisParameters",
            "RedshiftDataParameters",
            "RoleArn",
            "RunCommandParameters",
            "SageMakerPipelineParameters",
            "SqsParameters",
        }
    )

    id: str = field(validator=length(1, 64))
    arn: str = field(validator=_target_arn)
    input: str | None = field(default=None, validator=[length(1, 8192), _json])
    input_path: str | None = field(default=None, validator=[length(1, 256), _path])
    input_transformer: InputTransformer | None = None
    retry_policy: RetryPolicy = RetryPolicy()
    dead_letter_config: DeadLetterConfig = DeadLetterConfig()

    def __attrs_post_init__(self) -> None:
        given = (self.input, self.input_path, self.input_transformer)
        if sum(item is not None for item in given) > 1:
            raise ValueError("a target takes one of Input, InputPath and InputTransformer")

    @property
    def path(self) -> Path | None:
        """The part of the event that it is given."""
        return None if self.input_path is None else parse_path(self.input_path)

    @property
    def service(self) -> str:
        """The service in its ARN."""
        return self.arn.split(":")[2]


@frozen(kw_only=True)
class Rule(Resource):
    """Which events of the default bus, or which times, and who is told."""

    TYPE: ClassVar[str] = "AWS::Events::Rule"
    INERT: ClassVar[frozenset[str]] = frozenset({"Description", "RoleArn", "Tags"})

    name: str | None = field(default=None, validator=_name)
    event_pattern: Any = None
    schedule_expression: str | None = field(default=None, validator=length(0, 256))
    state: str = field(
        default="ENABLED",
        validator=one_of("ENABLED", "DISABLED", "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"),
    )
    event_bus_name: str = "default"
    targets: tuple[Target, ...] = ()

    def __attrs_post_init__(self) -> None:
        if self.event_pattern is None and not self.schedule_expression:
            raise ValueError("a rule needs an EventPattern or a ScheduleExpression")
        if self.event_bus_name.rpartition("/")[2] != "default":
            raise ValueError(
                f"events come on the default bus only; {self.event_bus_name} would never have any"
            )
        if len(self.targets) > 5:
            raise ValueError(f"a rule has at most 5 targets, not {len(self.targets)}")
        ids = [target.id for target in self.targets]
        twice = next((one for one in ids if ids.count(one) > 1), None)
        if twice is not None:
            raise ValueError(f"two targets have the Id {twice}")

    @property
    def arn(self) -> str:
        return self.identity.attributes["Arn"]

    @property
    def rule_name(self) -> str:
        """Its name, whether the template gives one or not."""
        return self.identity.ref

    @property
    def enabled(self) -> bool:
        return self.state != "DISABLED"


@frozen(kw_only=True)
class SubscriptionItem:
    """A subscription inside a topic."""

    protocol: str
    endpoint: str


@frozen(kw_only=True)
class Topic(Resource):
    """A topic that takes messages. What it delivers is recorded."""

    TYPE: ClassVar[str] = "AWS::SNS::Topic"
    INERT: ClassVar[frozenset[str]] = frozenset(
        {
            "ArchivePolicy",
            "ContentBasedDeduplication",
            "DataProtectionPolicy",
            "DeliveryStatusLogging",
            "DisplayName",
            "FifoThroughputScope",
            "FifoTopic",
            "KmsMasterKeyId",
            "MaximumMessageSize",
            "SignatureVersion",
            "Tags",
            "TracingConfig",
        }
    )

    topic_name: str | None = None
    subscription: tuple[SubscriptionItem, ...] = ()

    @property
    def arn(self) -> str:
        return self.identity.ref


PROTOCOLS = (
    "application",
    "email",
    "email-json",
    "firehose",
    "http",
    "https",
    "lambda",
    "sms",
    "sqs",
)


@frozen(kw_only=True)
class RedrivePolicy:
    """Where messages go that a subscription could not deliver."""

    dead_letter_target_arn: str = field(metadata={"name": "deadLetterTargetArn"})


@frozen(kw_only=True)
class Subscription(Resource):
    """Somebody who is told what a topic takes, or of that what a filter lets through."""

    TYPE: ClassVar[str] = "AWS::SNS::Subscription"
    INERT: ClassVar[frozenset[str]] = frozenset({"DeliveryPolicy", "Region", "SubscriptionRoleArn"})
    REFUSED: ClassVar[dict[str, str]] = {"ReplayPolicy": "archives of topics are not simulated"}

    topic_arn: TopicRef
    protocol: str = field(validator=one_of(*PROTOCOLS))
    endpoint: str
    filter_policy: Any = None
    filter_policy_scope: str = field(
        default="MessageAttributes", validator=one_of("MessageAttributes", "MessageBody")
    )
    raw_message_delivery: bool = False
    redrive_policy: RedrivePolicy | None = None


@frozen(kw_only=True)
class Queue(Resource):
    """A queue that holds what it is sent; nobody takes anything from it."""

    TYPE: ClassVar[str] = "AWS::SQS::Queue"
    INERT: ClassVar[frozenset[str]] = frozenset(
        {
            "ContentBasedDeduplication",
            "DeduplicationScope",
            "DelaySeconds",
            "FifoThroughputLimit",
            "KmsDataKeyReusePeriodSeconds",
            "KmsMasterKeyId",
            "MaximumMessageSize",
            "MessageRetentionPeriod",
            "ReceiveMessageWaitTimeSeconds",
            "RedriveAllowPolicy",
            "RedrivePolicy",
            "SqsManagedSseEnabled",
            "Tags",
            "VisibilityTimeout",
        }
    )

    queue_name: str | None = None
    fifo_queue: bool = False

    @property
    def arn(self) -> str:
        return self.identity.attributes["Arn"]
