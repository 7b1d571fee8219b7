"""Options and defaults of the whole suite."""

from __future__ import annotations

import os

import pytest
from hypothesis import settings

os.environ["TEXTUAL_ANIMATIONS"] = "none"
os.environ.pop("NO_COLOR", None)

# A loaded machine is not a broken law: how long an example takes is the benchmarks' business.
settings.register_profile("laws", deadline=None)
settings.load_profile("laws")


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--accept` takes what the screen shows now as what it should show."""
    parser.addoption("--accept", action="store_true", help="accept changed pictures of the screen")
