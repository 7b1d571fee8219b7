"""Who may enter an instance, and what it may do: key pairs, IAM roles and instance profiles.

A launch depends on them in that they are there; what a role permits is not simulated. Sources: the
CloudFormation reference of KeyPair, Role and InstanceProfile.
"""

from __future__ import annotations

from typing import Any, ClassVar

from attrs import field, frozen

from model.fields import between, length, one_of
from model.resources import Resource


@frozen(kw_only=True)
class KeyPair(Resource):
    """A key pair; an operator may have others that no template makes."""

    TYPE: ClassVar[str] = "AWS::EC2::KeyPair"
    INERT: ClassVar[frozenset[str]] = frozenset({"KeyFormat", "PublicKeyMaterial", "Tags"})

    key_name: str = field(validator=length(1, 255))
    key_type: str = field(default="rsa", validator=one_of("rsa", "ed25519"))


@frozen(kw_only=True)
class Role(Resource):
    """An IAM role."""

    TYPE: ClassVar[str] = "AWS::IAM::Role"
    INERT: ClassVar[frozenset[str]] = frozenset({"Description", "PermissionsBoundary", "Tags"})

    assume_role_policy_document: Any
    managed_policy_arns: tuple[str, ...] = ()
    max_session_duration: int | None = field(default=None, validator=between(3600, 43_200))
    path: str = "/"
    policies: tuple[Any, ...] = ()
    role_name: str | None = field(default=None, validator=length(1, 64))


@frozen(kw_only=True)
class InstanceProfile(Resource):
    """What gives an instance its role."""

    TYPE: ClassVar[str] = "AWS::IAM::InstanceProfile"

    instance_profile_name: str | None = field(default=None, validator=length(1, 128))
    path: str = "/"
    roles: tuple[str, ...] = field(validator=length(1, 1))
    """One role, by name."""
