"""Metrics as Parquet: what CSV says, typed; and what is said where it cannot be written."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from pathlib import Path

import pytest

from scenarios import parquet
from scenarios.exports import METRIC_COLUMNS, metrics_csv
from scenarios.player import make_world
from tests.tui.screen import tiny
from tui.cli import OK, UNUSABLE, main


def test_without_pyarrow_nothing_is_played(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(parquet, "is_installed", lambda: False)
    report, metrics = tmp_path / "r.json", tmp_path / "m.parquet"
    given = ["--report", str(report), "--metrics", str(metrics)]
    assert main(["play", "calm-day", *given]) == UNUSABLE
    out, err = capsys.readouterr()
    assert out == ""
    assert "pip install 'spillover[parquet]'" in err
    assert len(err.splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


def test_the_same_as_csv_with_types(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    from pyarrow import parquet as reader

    world = make_world(tiny(tmp_path).scenario)
    world.run(120)
    content = parquet.metrics_parquet(world)
    assert content == parquet.metrics_parquet(world)
    table = reader.read_table(io.BytesIO(content))
    assert tuple(table.column_names) == METRIC_COLUMNS
    assert str(table.schema.field("timestamp").type) == "timestamp[ms, tz=UTC]"
    assert {str(table.schema.field(name).type) for name in METRIC_COLUMNS[5:]} == {"double"}
    rows = list(csv.DictReader(io.StringIO(metrics_csv(world))))
    found = table.to_pylist()
    assert len(found) == len(rows)
    for row, typed in zip(rows, found, strict=True):
        moment = datetime.fromisoformat(row["timestamp"].replace("Z", "+00:00"))
        assert typed["timestamp"] == moment.astimezone(UTC)
        assert [typed[name] for name in METRIC_COLUMNS[1:5]] == [
            row[name] for name in METRIC_COLUMNS[1:5]
        ]
        for name in METRIC_COLUMNS[5:]:
            assert typed[name] == (float(row[name]) if row[name] else None)


def test_play_writes_it(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    path = tmp_path / "m.parquet"
    given = ["--quiet", "--metrics", str(path), "--metrics", str(tmp_path / "m.csv")]
    assert main(["play", str(tiny(tmp_path).path), *given]) == OK
    assert path.read_bytes()[:4] == b"PAR1"
    assert (tmp_path / "m.csv").exists()
