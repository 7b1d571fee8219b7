"""Garbage collection in small bites.

Now and then Python looks through all objects for what only refers to itself. A world is one large
circle that lives as long as its session, and to look through it again and again would hold up the
keys: what was looked through and is alive is set aside.
"""

from __future__ import annotations

import gc

OLDEST = 2
"""The generation of what has lived long."""
PATIENCE = 5_000, 10, 10
"""How many objects may be new before they are looked through: more than Python's 700, since hardly
any refer to themselves."""
USUAL = gc.get_threshold()


def begin() -> None:
    """From now on nothing is looked through twice."""
    gc.callbacks.append(_set_aside)
    gc.set_threshold(*PATIENCE)
    set_aside()


def set_aside() -> None:
    """What there is will stay, as after a world is built or its past is played."""
    gc.freeze()


def look_again() -> None:
    """Something large is gone: the next time everything is looked through."""
    gc.unfreeze()


def end() -> None:
    """Collect as Python does."""
    if _set_aside in gc.callbacks:
        gc.callbacks.remove(_set_aside)
        gc.set_threshold(*USUAL)
        look_again()


def _set_aside(phase: str, info: dict[str, int]) -> None:
    if phase == "stop" and info["generation"] == OLDEST:
        set_aside()
