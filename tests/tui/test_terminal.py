"""The app in a real (pseudo) terminal: it starts, and it ends when the terminal goes away."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.tui.screen import tiny

pty = pytest.importorskip("pty", reason="pseudo terminals are for POSIX systems")


def wait_for(terminal: int, words: bytes) -> None:
    """Read the terminal until it has shown some words."""
    seen = b""
    while words not in seen:
        seen += os.read(terminal, 65_536)


@contextmanager
def app_in_a_terminal(path: Path, state: Path) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """The app as a process with a terminal of its own, whose other end is given."""
    terminal, inside = pty.openpty()
    app = subprocess.Popen(
        [sys.executable, "-m", "tui", str(path)],
        preexec_fn=lambda: os.login_tty(inside),
        env={**os.environ, "TERM": "xterm-256color", "XDG_STATE_HOME": str(state)},
    )
    os.close(inside)
    try:
        yield app, terminal
    finally:
        app.kill()
        app.wait()


def test_a_recording_is_rescued_when_the_app_is_ended(tmp_path: Path) -> None:
    state = tmp_path / "state"
    with app_in_a_terminal(tiny(tmp_path).path, state) as (app, terminal):
        wait_for(terminal, b"playing")
        os.write(terminal, b"t")
        wait_for(terminal, b"traffic-factor")
        app.terminate()
        wait_for(terminal, b"was saved as")
        assert app.wait(timeout=30) == 128 + signal.SIGTERM
        os.close(terminal)
    saved = list((state / "spillover").iterdir())
    assert [file.name for file in saved] == ["tiny-session-1.scenario.yaml"]
    assert "spillover:traffic-factor" in saved[0].read_text()


def test_the_app_ends_when_its_terminal_goes_away(tmp_path: Path) -> None:
    with app_in_a_terminal(tiny(tmp_path).path, tmp_path / "state") as (app, terminal):
        wait_for(terminal, b"req/s")
        os.close(terminal)
        assert app.wait(timeout=30) == 128 + signal.SIGHUP
