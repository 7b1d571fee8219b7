"""Launches that EC2 refuses: why, in its own words.

Source: "Troubleshoot Amazon EC2 Auto Scaling: EC2 instance launch failures", "... AMI issues".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from attrs import frozen


@frozen(kw_only=True)
class Attempt:
    """One instance that somebody wants."""

    type: str
    zone: str
    subnet: str
    image: str = ""
    key_name: str = ""
    security_group: str = ""
    profile: str = ""
    """The instance profile that gives it its role."""
    group: str | None = None
    """The Auto Scaling group that wants it, by logical id."""
    spot: bool = False
    others: tuple[str, ...] = ()
    """Other zones that it could be in."""


class LaunchError(Exception):
    """EC2 cannot launch the instance; the message is AWS's."""

    def __init__(self, message: str, code: str, *, zonal: bool = False) -> None:
        super().__init__(message, code, zonal)
        self.message = message
        self.code = code
        self.zonal = zonal
        """Whether it might succeed in another zone, or with another type."""

    def __str__(self) -> str:
        return self.message


Refusal = Callable[[Attempt], LaunchError | None]
"""What stands in the way of a launch (None: nothing)."""


def no_capacity(attempt: Attempt) -> LaunchError:
    """EC2 has no room for the type in the zone."""
    if attempt.spot:
        return no_spot_capacity()
    kind, others = attempt.type, ", ".join(attempt.others) or "another one"
    return LaunchError(
        f"We currently do not have sufficient {kind} capacity in the Availability Zone you "
        f"requested ({attempt.zone}). Our system will be working on provisioning additional "
        f"capacity. You can currently get {kind} capacity by not specifying an Availability Zone "
        f"in your request or choosing {others}.",
        "InsufficientInstanceCapacity",
        zonal=True,
    )


def no_spot_capacity() -> LaunchError:
    """The pool has no spare instance."""
    return LaunchError(
        "There is no Spot capacity available that matches your request.",
        "InsufficientInstanceCapacity",
        zonal=True,
    )


def price_too_low(most: float, price: float) -> LaunchError:
    """The pool's Spot price is above the maximum price."""
    return LaunchError(
        f"Your Spot request price of {most:.4g} is lower than the minimum required Spot request "
        f"fulfillment price of {price:.4g}.",
        "SpotMaxPriceTooLow",
        zonal=True,
    )


def no_address(subnet: str) -> LaunchError:
    """The subnet is full."""
    return LaunchError(
        f"There are not enough free addresses in subnet '{subnet}' to satisfy the requested "
        "number of instances.",
        "InsufficientFreeAddressesInSubnet",
        zonal=True,
    )


def _image(attempt: Attempt) -> LaunchError:
    name = attempt.image or "ami-0abcdef1234567890"
    return LaunchError(f"The image id '{name}' does not exist.", "InvalidAMIID.NotFound")


def _key_pair(attempt: Attempt) -> LaunchError:
    name = attempt.key_name or "operator"
    return LaunchError(f"The key pair '{name}' does not exist.", "InvalidKeyPair.NotFound")


def _security_group(attempt: Attempt) -> LaunchError:
    name = attempt.security_group or "sg-0abcdef1234567890"
    return LaunchError(f"The security group '{name}' does not exist.", "InvalidGroup.NotFound")


def _profile(attempt: Attempt) -> LaunchError:
    name = attempt.profile or "web-server"
    return LaunchError(
        f"Value ({name}) for parameter iamInstanceProfile.name is invalid. "
        "Invalid IAM Instance Profile name",
        "InvalidParameterValue",
    )


def _unsupported(_: Attempt) -> LaunchError:
    message = (
        "The requested configuration is currently not supported. "
        "Please check the documentation for supported configurations."
    )
    return LaunchError(message, "Unsupported")


def _not_in_zone(attempt: Attempt) -> LaunchError:
    others = ", ".join(attempt.others) or "another one"
    return LaunchError(
        f"Your requested instance type ({attempt.type}) is not supported in your requested "
        f"Availability Zone ({attempt.zone}). Please retry your request by not specifying an "
        f"Availability Zone or choosing {others}.",
        "Unsupported",
        zonal=True,
    )


def _limit(_: Attempt) -> LaunchError:
    message = "You have requested more vCPU capacity than your current vCPU limit allows."
    return LaunchError(message, "VcpuLimitExceeded")


def _encryption(_: Attempt) -> LaunchError:
    return LaunchError("Client.InternalError: Client error on launch.", "Client.InternalError")


REASONS: dict[str, Callable[[Attempt], LaunchError]] = {
    "image": _image,
    "key-pair": _key_pair,
    "security-group": _security_group,
    "instance-profile": _profile,
    "configuration": _unsupported,
    "instance-type": _not_in_zone,
    "limit": _limit,
    "encryption-key": _encryption,
}
"""Why launches can be made to fail, by short names."""


def first(refusals: Iterable[Refusal], attempt: Attempt) -> LaunchError | None:
    """The first thing that stands in the way."""
    return next((error for refuse in refusals if (error := refuse(attempt)) is not None), None)
