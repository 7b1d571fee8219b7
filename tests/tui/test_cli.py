"""The command line: what it prints, what it writes, and how it ends."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.tui.screen import TINY, tiny
from tui.app import check_theme
from tui.cli import FAILED, INTERRUPTED, OK, UNUSABLE, main


@pytest.fixture
def scenario(tmp_path: Path) -> str:
    """The path of a small scenario."""
    return str(tiny(tmp_path).path)


def test_play_writes_what_was_asked_for(
    scenario: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = {name: tmp_path / name for name in ("r.json", "r.xml", "m.csv")}
    reports = ["--report", str(files["r.json"]), "--report", str(files["r.xml"])]
    assert main(["play", scenario, *reports, "--metrics", str(files["m.csv"])]) == OK
    report = json.loads(files["r.json"].read_text())
    requests = report["requests"]
    assert requests["total"] == sum(requests["by_status"].values())
    assert requests["total"] + requests["in_flight"] == 40 * 20 * 60
    suite = ElementTree.parse(files["r.xml"]).getroot()
    assert suite.get("tests") == "3"
    rows = list(csv.DictReader(files["m.csv"].read_text().splitlines()))
    namespaces = {row["namespace"] for row in rows}
    assert namespaces == {"AWS/ApplicationELB", "AWS/EC2", "AWS/AutoScaling", "AWS/Usage"}
    counted = sum(
        float(row["sum"])
        for row in rows
        if row["metric_name"] == "RequestCount" and row["dimensions"].count("=") == 1
    )
    assert abs(counted - requests["total"]) <= 2
    out = capsys.readouterr().out
    assert "Two targets  (seed 4)" in out
    assert out.count("✓ held") == 3


def test_twice_the_same_bytes(scenario: str, tmp_path: Path) -> None:
    for name in ("one", "two"):
        report, metrics = (str(tmp_path / f"{name}.{ending}") for ending in ("json", "csv"))
        main(["play", scenario, "--quiet", "--report", report, "--metrics", metrics])
    for ending in ("json", "csv"):
        first, second = (tmp_path / f"{name}.{ending}" for name in ("one", "two"))
        assert first.read_bytes() == second.read_bytes()


def test_another_seed_and_other_values(scenario: str, tmp_path: Path) -> None:
    path = tmp_path / "r.json"
    main(["play", scenario, "--quiet", "--report", str(path), "--seed", "9"])
    assert json.loads(path.read_text())["seed"] == 9
    main(["play", scenario, "--quiet", "--report", str(path), "--set", "traffic.visitors.rate=10"])
    assert json.loads(path.read_text())["requests"]["total"] == pytest.approx(12_000, abs=5)


def test_an_expectation_that_does_not_hold_ends_with_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tiny(tmp_path, TINY + "  - requests.failed < 1\n").path
    assert main(["play", str(path)]) == FAILED
    assert "✗ FAILED" in capsys.readouterr().out


def test_quiet_prints_nothing(scenario: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["play", scenario, "--quiet"]) == OK
    assert capsys.readouterr() == ("", "")


def test_check_and_list(scenario: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", scenario]) == OK
    out = capsys.readouterr().out
    assert "good" in out
    assert "1 source of traffic, 1 timeline line, 3 expectations" in out
    assert main(["list"]) == OK
    assert "calm-day" in [line.split()[0] for line in capsys.readouterr().out.splitlines()]


MISUSES = {
    "an unknown option": (["play", "calm-day", "--sed", "3"], "--sed"),
    "a seed that is none": (["play", "calm-day", "--seed", "-3"], "whole number"),
    "a scenario that is not there": (["play", "calm-dya"], "did you mean calm-day?"),
    "no scenario": (["play"], "SCENARIO"),
    "a folder": (["check", "."], "folder"),
    "an unknown report format": (["play", "calm-day", "--report", "r.txt"], ".json or .xml"),
    "a folder that is not there": (["play", "calm-day", "--report", "no/r.json"], "no folder"),
    "a value without a path": (["play", "calm-day", "--set", "40"], "PATH=VALUE"),
    "a path to nothing": (
        ["play", "calm-day", "--set", "trafic.x.rate=4"],
        "did you mean traffic?",
    ),
    "a wrong value": (["play", "calm-day", "--set", "parameters.CpuTarget=99"], "90"),
}


@pytest.mark.parametrize("what", MISUSES)
def test_a_misuse_ends_with_2_and_one_clear_message(
    what: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments, expected = MISUSES[what]
    monkeypatch.chdir(tmp_path)
    assert main(arguments) == UNUSABLE
    out, err = capsys.readouterr()
    assert out == ""
    assert expected in err
    assert all(line.startswith("spillover: ") for line in err.splitlines())
    assert list(tmp_path.iterdir()) == []


def test_without_a_terminal_the_scenario_is_played(
    scenario: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([scenario]) == OK
    out, err = capsys.readouterr()
    assert "no terminal here" in err
    assert "Two targets" in out


def test_an_interruption_ends_with_130(
    scenario: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("scenarios.player.play", interrupt)
    assert main(["play", scenario]) == INTERRUPTED
    assert "Traceback" not in capsys.readouterr().err


def test_a_reader_that_closes_early_hears_no_complaint(scenario: str) -> None:
    command = f"{sys.executable} -m tui play {scenario} | head -n 1"
    ended = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=True)
    assert ended.stdout.startswith("Two targets")
    assert "Error" not in ended.stderr


def test_a_theme_that_is_unknown() -> None:
    assert check_theme("textual-light") is None
    assert "did you mean solarized-light?" in str(check_theme("solarised-light"))


@pytest.mark.parametrize(
    ("command", "status"),
    [
        ("{python} -m tui play {path} | true", 0),
        ("{python} -m tui play {path} --set expect.0='requests.total < 1' | true", 1),
        ("{python} -m tui list > /dev/full", 2),
        ("{python} -m tui {path} <&- > /dev/null", 0),
        ("PYTHONIOENCODING=ascii {python} -m tui play {path}", 0),
    ],
)
def test_whatever_becomes_of_its_output_the_verdict_stays(
    command: str, status: int, scenario: str
) -> None:
    line = "set -o pipefail; " + command.format(python=sys.executable, path=scenario)
    ended = subprocess.run(["bash", "-c", line], capture_output=True, text=True, check=False)
    assert (ended.returncode, "Traceback" in ended.stderr) == (status, False)


def test_a_refused_move_is_not_missed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    move = (
        "  - at: 5m\n"
        "    action: autoscaling:SetDesiredCapacity\n"
        "    parameters: {{AutoScalingGroupName: WebGroup, DesiredCapacity: 99}}\n"
        "expect:\n"
    )
    path = tiny(tmp_path, TINY.replace("expect:\n", move)).path
    main(["play", str(path)])
    assert "at 300 s autoscaling:SetDesiredCapacity was refused" in capsys.readouterr().err


def test_a_file_that_cannot_be_written_is_known_before_anything_is_played(
    scenario: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.access", lambda *_: False)
    assert main(["play", scenario, "--report", str(tmp_path / "r.json")]) == UNUSABLE
