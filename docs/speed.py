"""Writes the tables of docs/speed.md, as measured on this machine now.

Run it from the repository root, with SimPy installed: `.venv/bin/python docs/speed.py`.
"""

from __future__ import annotations

from pathlib import Path

from benchmarks import live, speed
from docs.sections import fill, markdown

if __name__ == "__main__":
    made = (speed.peer_work(), speed.large(), speed.scenarios(), speed.memory(), live.table())
    tables = [f"## {table.title}\n\n{markdown(table)}\n" for table in made]
    fill(Path("docs/speed.md"), "tables", "\n".join(tables))
