"""Where flows fall: a Network Load Balancer chooses a target by a hash.

Source: "What is a Network Load Balancer?" and "Edit target group attributes for your Network Load
Balancer: sticky sessions". The hash of a flow's addresses, ports and sequence number falls on any
healthy target by chance, so that targets are not loaded evenly where flows are few. With stickiness
by `source_ip` only the client's address counts: all its flows go to one target, as long as that is
healthy and registered. Unlike sessions by a cookie these have no duration. Where few clients fall
matters much, so they are whole here, and drawn.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

NOBODY = 1e-6
"""Less than this of a client is none."""


def persons(clients: float) -> int:
    """How many clients an amount of them is: a part of one is one who comes less often."""
    return math.ceil(clients - NOBODY)


def fall(generator: np.random.Generator, number: int, places: int) -> list[int]:
    """How many of so many clients or flows fall on each of some places that are alike."""
    if places == 1:
        return [number]
    return [int(own) for own in generator.multinomial(number, [1 / places] * places)]


def known(before: float, clients: float, flows: float) -> float:
    """How many of so many clients have come at least once, after so many more flows of them all; of
    `before` it was known."""
    return clients - max(clients - before, 0.0) * math.exp(-flows / clients)


def changes(generator: np.random.Generator, clients: float, held: Sequence[float]) -> list[int]:
    """How many clients each of some targets wins (or loses) that hold so many of them, so that
    there are as many as `clients` in all who came: new ones fall anywhere, who is gone was
    anybody."""
    wanted = persons(clients) - round(sum(held))
    if wanted == 0:
        return [0] * len(held)
    if wanted > 0:
        return fall(generator, wanted, len(held))
    gone = generator.multivariate_hypergeometric([round(own) for own in held], -wanted)
    return [-int(own) for own in gone]
