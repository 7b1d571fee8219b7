"""Task definitions, as CloudFormation describes them.

Source: the CloudFormation reference of AWS::ECS::TaskDefinition; "Amazon ECS task definition
parameters for Fargate". What a container does with a request, a service of the scenario says.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from attrs import Attribute, field, fields_dict, frozen

from model.ecs.sizes import UNITS, check_cpu, check_memory, cpu_units, mebibytes
from model.fields import FieldError, at_least, between, one_of
from model.resources import Resource

STOP_TIMEOUT = 30
"""Seconds until a container that does not end by itself is killed, unless it says otherwise."""
EPHEMERAL_STORAGE = 20
"""GiB of a task's disk that are free of charge."""


def _size(read: Callable[[str], int]) -> Callable[[Any, Attribute[Any], str | None], None]:
    """A validator: a size as text."""

    def check(_: Any, attribute: Attribute[Any], value: str | None) -> None:
        if value is not None:
            try:
                read(value)
            except ValueError as problem:
                raise FieldError(attribute, str(problem)) from None

    return check


@frozen(kw_only=True)
class PortMapping:
    """A port on which a container listens. With awsvpc it is the same on the task's address."""

    INERT: ClassVar[frozenset[str]] = frozenset({"AppProtocol"})
    REFUSED: ClassVar[dict[str, str]] = {
        "ContainerPortRange": "name each port with a ContainerPort of its own",
    }

    container_port: int = field(validator=between(1, 65_535))
    host_port: int | None = field(default=None)
    name: str | None = None
    protocol: str = field(default="tcp", validator=one_of("tcp", "udp"))

    @host_port.validator
    def _same(self, attribute: Attribute[int | None], value: int | None) -> None:
        if value not in (None, 0, self.container_port):
            raise FieldError(
                attribute,
                f"must be left out or the ContainerPort ({self.container_port}), not {value}: "
                "tasks with awsvpc have addresses of their own",
            )


@frozen(kw_only=True)
class HealthCheck:
    """How a container is checked from inside (times in seconds)."""

    command: Any = None
    interval: int = field(default=30, validator=between(5, 300))
    timeout: int = field(default=5, validator=between(2, 120))
    retries: int = field(default=3, validator=between(1, 10))
    start_period: int = field(default=0, validator=between(0, 300))
    """For which failures do not count, until a check has passed."""


@frozen(kw_only=True)
class ContainerDefinition:
    """One container of a task."""

    INERT: ClassVar[frozenset[str]] = frozenset(
        {
            "Command",
            "CredentialSpecs",
            "DependsOn",
            "DockerLabels",
            "EntryPoint",
            "Environment",
            "EnvironmentFiles",
            "FirelensConfiguration",
            "Hostname",
            "Interactive",
            "LinuxParameters",
            "LogConfiguration",
            "MountPoints",
            "PseudoTerminal",
            "ReadonlyRootFilesystem",
            "RepositoryCredentials",
            "Secrets",
            "StartTimeout",
            "SystemControls",
            "Ulimits",
            "User",
            "VersionConsistency",
            "VolumesFrom",
            "WorkingDirectory",
            # of containers on EC2 alone
            "DisableNetworking",
            "DnsSearchDomains",
            "DnsServers",
            "DockerSecurityOptions",
            "ExtraHosts",
            "Links",
            "Privileged",
            "ResourceRequirements",
        }
    )
    REFUSED: ClassVar[dict[str, str]] = {
        "RestartPolicy": "a container that ends is not started again inside its task",
    }

    name: str
    image: str
    essential: bool = True
    cpu: int = field(default=0, validator=at_least(0))
    """CPU units that it is promised where others want the task's CPU, too."""
    memory: int | None = field(default=None, validator=at_least(4))
    memory_reservation: int | None = field(default=None, validator=at_least(4))
    port_mappings: tuple[PortMapping, ...] = ()
    stop_timeout: int = field(default=STOP_TIMEOUT, validator=between(0, 120))
    health_check: HealthCheck | None = None


@frozen(kw_only=True)
class RuntimePlatform:
    """What a task's containers are made for."""

    cpu_architecture: str = field(default="X86_64", validator=one_of("X86_64", "ARM64"))
    operating_system_family: str = "LINUX"


@frozen(kw_only=True)
class EphemeralStorage:
    """A task's disk."""

    size_in_gi_b: int = field(
        default=EPHEMERAL_STORAGE, metadata={"name": "SizeInGiB"}, validator=between(21, 200)
    )


@frozen(kw_only=True)
class TaskDefinition(Resource):
    """What a task is made of: its containers and its size."""

    TYPE: ClassVar[str] = "AWS::ECS::TaskDefinition"
    INERT: ClassVar[frozenset[str]] = frozenset(
        {
            "EnableFaultInjection",
            "InferenceAccelerators",
            "IpcMode",
            "PidMode",
            "PlacementConstraints",
            "ProxyConfiguration",
            "Tags",
            "Volumes",
        }
    )

    family: str | None = None
    cpu: str | None = field(default=None, validator=_size(cpu_units))
    memory: str | None = field(default=None, validator=_size(mebibytes))
    network_mode: str | None = field(
        default=None, validator=one_of("awsvpc", "bridge", "host", "none")
    )
    requires_compatibilities: tuple[str, ...] = ()
    container_definitions: tuple[ContainerDefinition, ...] = field(default=())
    runtime_platform: RuntimePlatform = RuntimePlatform()
    ephemeral_storage: EphemeralStorage | None = None
    execution_role_arn: Any = None
    task_role_arn: Any = None

    @container_definitions.validator
    def _containers(
        self, attribute: Attribute[Any], value: tuple[ContainerDefinition, ...]
    ) -> None:
        names = [container.name for container in value]
        for index, name in enumerate(names):
            if name in names[:index]:
                raise FieldError(attribute, f"another container is named {name} already", index)
        if value and not any(container.essential for container in value):
            raise FieldError(attribute, "must have an essential container")

    def __attrs_post_init__(self) -> None:
        if not self.for_fargate:
            return
        if self.network_mode != "awsvpc":
            raise ValueError("NetworkMode must be awsvpc for Fargate")
        if self.cpu is None or self.memory is None:
            raise ValueError("Fargate needs the Cpu and the Memory of the whole task")
        self._check_size()
        if self.windows and self.runtime_platform.cpu_architecture == "ARM64":
            raise ValueError("CpuArchitecture must be X86_64 for Windows")
        promised = sum(container.cpu for container in self.container_definitions)
        if promised > self.cpu_units:
            raise ValueError(
                f"the containers have {promised} CPU units together, more than the task's "
                f"{self.cpu_units}"
            )
        for container in self.container_definitions:
            wanted = max(container.memory or 0, container.memory_reservation or 0)
            if wanted > self.mebibytes:
                raise ValueError(
                    f"{container.name} has a memory of {wanted} MiB, more than the task's "
                    f"{self.mebibytes}"
                )

    def _check_size(self) -> None:
        name = "cpu"
        try:
            check_cpu(self.cpu_units, windows=self.windows)
            name = "memory"
            check_memory(self.cpu_units, self.mebibytes)
        except ValueError as problem:
            raise FieldError(fields_dict(TaskDefinition)[name], str(problem)) from None

    @property
    def for_fargate(self) -> bool:
        """Whether it was registered as one that Fargate can run."""
        return "FARGATE" in self.requires_compatibilities

    @property
    def arn(self) -> str:
        return self.identity.ref

    @property
    def revision(self) -> str:
        """`family:1`."""
        return self.arn.rpartition("/")[2]

    @property
    def cpu_units(self) -> int:
        """CPU units of the whole task; 0: it does not say."""
        return cpu_units(self.cpu) if self.cpu is not None else 0

    @property
    def mebibytes(self) -> int:
        """MiB of the whole task; 0: it does not say."""
        return mebibytes(self.memory) if self.memory is not None else 0

    @property
    def vcpus(self) -> float:
        return self.cpu_units / UNITS

    @property
    def gigabytes(self) -> float:
        return self.mebibytes / UNITS

    @property
    def windows(self) -> bool:
        return self.runtime_platform.operating_system_family.startswith("WINDOWS")

    @property
    def stop_timeout(self) -> int:
        """Seconds until the last of its containers is killed."""
        found = (container.stop_timeout for container in self.container_definitions)
        return max(found, default=STOP_TIMEOUT)

    @property
    def health_check(self) -> HealthCheck | None:
        """That of its essential containers (the first which has one, where several have)."""
        found = (c.health_check for c in self.container_definitions if c.essential)
        return next((check for check in found if check is not None), None)

    def container(self, name: str) -> ContainerDefinition | None:
        """One of its containers."""
        return next((c for c in self.container_definitions if c.name == name), None)
