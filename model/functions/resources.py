"""Lambda functions, as CloudFormation describes them.

Source: the CloudFormation reference of AWS::Lambda::Function, AWS::Lambda::Version,
AWS::Lambda::Permission and AWS::Lambda::EventInvokeConfig, "Lambda quotas" and "Configure Lambda
function memory".
"""

from __future__ import annotations

import re
from collections.abc import Callable
from fnmatch import fnmatchcase
from typing import Annotated, Any, ClassVar

from attrs import Attribute, field, frozen

from model.fields import FieldError, at_least, between, refers_to
from model.patterns import wildcard
from model.resources import Resource

_QUALIFIED = re.compile(r"(arn:aws[a-z-]*:lambda:[^:]+:[^:]+:function:[^:]+):(\d+|\$LATEST)")


def unqualified(arn: str) -> str:
    """The ARN of a function without the number of a version; any other text as it is."""
    found = _QUALIFIED.fullmatch(arn)
    return arn if found is None else found[1]


def _arn_of(*services: str) -> Callable[[Any, Attribute[Any], str | None], None]:
    """A validator: the ARN of something of these services."""

    def check(_: Any, attribute: Attribute[Any], value: str | None) -> None:
        if value is not None and value.split(":")[2:3] not in [[service] for service in services]:
            kinds = " or ".join(services)
            raise FieldError(attribute, f"must be an ARN of {kinds}, not {value!r}")

    return check


FunctionRef = Annotated[str, refers_to("AWS::Lambda::Function", read=unqualified)]
VCPU_MEMORY = 1769.0
"""MB of memory with which a function has one vCPU."""


@frozen(kw_only=True)
class DeadLetterConfig:
    """The queue or topic that takes events which a function could not process."""

    target_arn: str | None = field(default=None, validator=_arn_of("sqs", "sns"))


@frozen(kw_only=True)
class Function(Resource):
    """A function: as many environments as it has requests, each with one at a time."""

    TYPE: ClassVar[str] = "AWS::Lambda::Function"
    INERT: ClassVar[frozenset[str]] = frozenset(
        {
            "Architectures",
            "CodeSigningConfigArn",
            "Description",
            "Environment",
            "EphemeralStorage",
            "FileSystemConfigs",
            "FunctionScalingConfig",
            "ImageConfig",
            "KmsKeyArn",
            "Layers",
            "LoggingConfig",
            "PackageType",
            "RecursiveLoop",
            "RuntimeManagementConfig",
            "SnapStart",
            "Tags",
            "TracingConfig",
            "VpcConfig",
        }
    )
    REFUSED: ClassVar[dict[str, str]] = {
        "CapacityProviderConfig": "managed instances are not simulated",
        "DurableConfig": "durable functions are not simulated",
        "TenancyConfig": "isolation of tenants is not simulated",
    }

    function_name: str | None = None
    code: Any
    """What it runs; how long that takes, a service of the scenario says."""
    role: Any
    runtime: str | None = None
    handler: str | None = None
    memory_size: int = field(default=128, validator=between(128, 10_240))
    timeout: int = field(default=3, validator=between(1, 900))
    reserved_concurrent_executions: int | None = field(default=None, validator=at_least(0))
    dead_letter_config: DeadLetterConfig = DeadLetterConfig()

    @property
    def arn(self) -> str:
        return self.identity.attributes["Arn"]

    @property
    def name(self) -> str:
        return self.identity.ref

    @property
    def slowness(self) -> float:
        """How many times longer a second of a whole vCPU takes with the memory that it has."""
        return max(VCPU_MEMORY / self.memory_size, 1.0)


@frozen(kw_only=True)
class Version(Resource):
    """A function as it was published; here all versions are the function itself."""

    TYPE: ClassVar[str] = "AWS::Lambda::Version"
    INERT: ClassVar[frozenset[str]] = frozenset({"CodeSha256", "Description", "RuntimePolicy"})
    REFUSED: ClassVar[dict[str, str]] = {
        "FunctionScalingConfig": "managed instances are not simulated",
        "ProvisionedConcurrencyConfig": "environments that are kept ready are not simulated",
    }

    function_name: FunctionRef


@frozen(kw_only=True)
class Destination:
    """What is told of an event: a queue, a topic, a function, an event bus or a bucket."""

    destination: str = field(validator=_arn_of("sqs", "sns", "lambda", "events", "s3"))


@frozen(kw_only=True)
class DestinationConfig:
    """What is told of events that a function processed, and of those that it could not."""

    on_success: Destination | None = None
    on_failure: Destination | None = None


@frozen(kw_only=True)
class EventInvokeConfig(Resource):
    """How a function is invoked asynchronously."""

    TYPE: ClassVar[str] = "AWS::Lambda::EventInvokeConfig"

    function_name: FunctionRef
    qualifier: str
    """Here all versions are the function itself."""
    maximum_event_age_in_seconds: int = field(default=21_600, validator=between(60, 21_600))
    maximum_retry_attempts: int = field(default=2, validator=between(0, 2))
    destination_config: DestinationConfig = DestinationConfig()


@frozen(kw_only=True)
class Permission(Resource):
    """Who may invoke a function."""

    TYPE: ClassVar[str] = "AWS::Lambda::Permission"
    INERT: ClassVar[frozenset[str]] = frozenset(
        {"EventSourceToken", "FunctionUrlAuthType", "InvokedViaFunctionUrl", "PrincipalOrgID"}
    )

    action: str
    function_name: FunctionRef
    principal: str
    source_arn: Any = None
    source_account: Any = None

    def allows(self, function: str, target_group: str) -> bool:
        """Whether a load balancer may invoke a function (by logical id) for a target group (by
        ARN)."""
        if not self._invokes or self.principal != "elasticloadbalancing.amazonaws.com":
            return False
        return self.function_name == function and self._is_source(target_group)

    def _is_source(self, arn: str) -> bool:
        """Whether SourceArn (with wildcards) means a target group. One that was written down is
        known by its name: the id at its end is another here than in AWS."""
        if self.source_arn is None:
            return True
        pattern = str(self.source_arn)
        named, own = _GROUP_NAME.search(pattern), _GROUP_NAME.search(arn)
        if named is not None and own is not None:
            return fnmatchcase(own[1], named[1])
        return fnmatchcase(arn, pattern)

    def admits(self, principal: str, source_arn: str) -> bool:
        """Whether a service may invoke it for what such a source sends."""
        if not self._invokes or self.principal not in (principal, "*"):
            return False
        given = self.source_arn
        return given is None or wildcard(str(given)).fullmatch(source_arn) is not None

    @property
    def _invokes(self) -> bool:
        return self.action in ("lambda:InvokeFunction", "lambda:*")


_GROUP_NAME = re.compile(r":targetgroup/([^/]+)")


def no_permission(function: str, target_group: str) -> str:
    """What AWS says where a target group (by ARN) may not invoke a function (by ARN)."""
    return (
        f"elasticloadbalancing principal does not have permission to invoke {function} from "
        f"target group {target_group}"
    )
