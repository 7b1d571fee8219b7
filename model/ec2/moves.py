"""What an operator does by the EC2 API."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, ClassVar

from attrs import asdict, field, fields_dict, frozen

from model.actions import Action, ActionError, move
from model.ec2.firewalls import NetworkAclEntry, NetworkAclId, PortRange, SecurityGroupRule
from model.ec2.resources import SecurityGroupId, cidr
from model.fields import length
from model.resources import Identity

if TYPE_CHECKING:
    from model.world import World


@frozen(kw_only=True)
class InstanceIds:
    instance_ids: tuple[str, ...] = field(validator=length(1))


@move("ec2:TerminateInstances", InstanceIds)
def terminate_instances(world: World, action: Action) -> None:
    """Terminate instances by their ids; a group replaces those that are its own."""
    world.ec2.terminate_instances(*_named(world, action.parameters))


@move("ec2:StopInstances", InstanceIds)
def stop_instances(world: World, action: Action) -> None:
    """Stop instances by their ids; a group replaces those that are its own."""
    world.ec2.stop_instances(*_named(world, action.parameters))


@move("ec2:RebootInstances", InstanceIds)
def reboot_instances(world: World, action: Action) -> None:
    """Reboot instances by their ids: the service is gone until it has booted again."""
    world.ec2.reboot_instances(*_named(world, action.parameters))


def _named(world: World, wanted: InstanceIds) -> list[str]:
    """The instances that ids mean. Raises `ActionError` if one is not there."""
    names = [world.ec2.id_of(name) for name in wanted.instance_ids]
    for name in names:
        if name not in world.ec2.instances:
            raise ActionError(
                f"The instance ID '{name}' does not exist", "InvalidInstanceID.NotFound"
            )
    return names


# -- firewalls --------------------------------------------------------------------------------


@frozen(kw_only=True)
class IpRange:
    INERT: ClassVar[frozenset[str]] = frozenset({"Description"})

    cidr_ip: str = field(validator=cidr)


@frozen(kw_only=True)
class UserIdGroupPair:
    group_id: SecurityGroupId


@frozen(kw_only=True)
class IpPermission:
    """Protocol and ports, and whom they are opened to."""

    ip_protocol: str
    from_port: int | None = None
    to_port: int | None = None
    ip_ranges: tuple[IpRange, ...] = ()
    user_id_group_pairs: tuple[UserIdGroupPair, ...] = ()

    def rules(self) -> list[SecurityGroupRule]:
        """The same as rules of a security group."""
        one = partial(
            SecurityGroupRule,
            ip_protocol=self.ip_protocol,
            from_port=self.from_port,
            to_port=self.to_port,
        )
        pairs = self.user_id_group_pairs
        return [
            *(one(cidr_ip=block.cidr_ip) for block in self.ip_ranges),
            *(one(source_security_group_id=pair.group_id) for pair in pairs),
        ]


@frozen(kw_only=True)
class SecurityGroupIngressChange:
    group_id: SecurityGroupId
    ip_permissions: tuple[IpPermission, ...] = field(validator=length(1))


@move("ec2:AuthorizeSecurityGroupIngress", SecurityGroupIngressChange)
def authorize_security_group_ingress(world: World, action: Action) -> None:
    """Open ports of a security group."""
    group, rules = _ingress(world, action)
    for rule in rules:
        if rule in group:
            raise ActionError("the specified rule already exists", "InvalidPermission.Duplicate")
    group += rules
    _firewalls_changed(world)


@move("ec2:RevokeSecurityGroupIngress", SecurityGroupIngressChange)
def revoke_security_group_ingress(world: World, action: Action) -> None:
    """Close ports of a security group: what is opened there is dropped from now on."""
    group, rules = _ingress(world, action)
    alike = [[other for other in group if _same(other, rule)] for rule in rules]
    if not all(alike):
        raise ActionError(
            "The specified rule does not exist in this security group", "InvalidPermission.NotFound"
        )
    for other in (rule for found in alike for rule in found):
        group.remove(other)
    _firewalls_changed(world)


def _same(one: SecurityGroupRule, other: SecurityGroupRule) -> bool:
    """Whether two rules open the same, wherever they were written."""
    names = list(fields_dict(SecurityGroupRule))
    return all(getattr(one, name) == getattr(other, name) for name in names)


def _ingress(
    world: World, action: Action
) -> tuple[list[SecurityGroupRule], list[SecurityGroupRule]]:
    wanted: SecurityGroupIngressChange = action.parameters
    if wanted.group_id not in world.ec2.network.ingress:
        message = f"The security group '{wanted.group_id}' does not exist"
        raise ActionError(message, "InvalidGroup.NotFound")
    try:
        rules = [rule for permission in wanted.ip_permissions for rule in permission.rules()]
    except ValueError as problem:
        raise ActionError(str(problem), "InvalidParameterValue") from None
    return world.ec2.network.ingress[wanted.group_id], rules


@frozen(kw_only=True)
class CreateNetworkAclEntry:
    network_acl_id: NetworkAclId
    rule_number: int
    protocol: str
    rule_action: str
    egress: bool
    cidr_block: str
    port_range: PortRange | None = None


@move("ec2:CreateNetworkAclEntry", CreateNetworkAclEntry)
def create_network_acl_entry(world: World, action: Action) -> None:
    """Add a rule to a network ACL: it remembers nothing, so that answers need one as well."""
    wanted: CreateNetworkAclEntry = action.parameters
    name = f"{wanted.network_acl_id}-{wanted.rule_number}"
    try:
        entry = NetworkAclEntry(
            identity=Identity(name, NetworkAclEntry.TYPE, name), **asdict(wanted, recurse=False)
        )
    except ValueError as problem:
        raise ActionError(str(problem), "InvalidParameterValue") from None
    try:
        world.ec2.network.add_entry(entry)
    except ValueError as problem:
        raise ActionError(str(problem), "NetworkAclEntryAlreadyExists") from None
    _firewalls_changed(world)


@frozen(kw_only=True)
class DeleteNetworkAclEntry:
    network_acl_id: NetworkAclId
    rule_number: int
    egress: bool


@move("ec2:DeleteNetworkAclEntry", DeleteNetworkAclEntry)
def delete_network_acl_entry(world: World, action: Action) -> None:
    """Take a rule out of a network ACL."""
    wanted: DeleteNetworkAclEntry = action.parameters
    try:
        world.ec2.network.remove_entry(wanted.network_acl_id, wanted.rule_number, wanted.egress)
    except ValueError as problem:
        raise ActionError(str(problem), "InvalidNetworkAclEntry.NotFound") from None
    _firewalls_changed(world)


def _firewalls_changed(world: World) -> None:
    world.ec2.network.changed()
    world.elb.review_network()
