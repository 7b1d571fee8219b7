"""The app in a real (pseudo) terminal: it starts, and it ends when the terminal goes away."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.tui.screen import tiny

pty = pytest.importorskip("pty", reason="pseudo terminals are for POSIX systems")


def wait_for(terminal: int, words: bytes) -> None:
    """Read the terminal until it has shown some words."""
    seen = b""
    while words not in seen:
        seen += os.read(terminal, 65_536)


def test_a_terminal_that_goes_away_ends_the_app_and_loses_no_recording(tmp_path: Path) -> None:
    path = tiny(tmp_path).path
    state = tmp_path / "state"
    terminal, inside = pty.openpty()
    app = subprocess.Popen(
        [sys.executable, "-m", "tui", str(path)],
        stdin=inside,
        stdout=inside,
        stderr=inside,
        start_new_session=True,
        env={**os.environ, "TERM": "xterm-256color", "XDG_STATE_HOME": str(state)},
    )
    os.close(inside)
    try:
        wait_for(terminal, b"playing")
        os.write(terminal, b"t")
        wait_for(terminal, b"traffic-factor")
        os.close(terminal)
        app.terminate()
        app.wait(timeout=30)
    finally:
        app.kill()
        app.wait()
    saved = list((state / "spillover").iterdir())
    assert [file.name for file in saved] == ["tiny-session-1.scenario.yaml"]
    assert "spillover:traffic-factor" in saved[0].read_text()
