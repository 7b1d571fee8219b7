"""The metrics of a run as Parquet: the columns of the CSV file, with types of their own.

Needs pyarrow, which is an extra: nothing else here wants it.
"""

from __future__ import annotations

import io
from importlib.util import find_spec

from model.world import World
from scenarios.exports import METRIC_COLUMNS, STATISTICS, metric_rows

INSTALL = (
    "writing Parquet needs pyarrow, which is not installed; install the extra: "
    "pip install 'spillover[parquet]' (in a clone: pip install -e '.[parquet]')"
)


def is_installed() -> bool:
    """Whether Parquet can be written."""
    return find_spec("pyarrow") is not None


def metrics_parquet(world: World) -> bytes:
    """Every datapoint since the start, in the order of the CSV file; needs pyarrow."""
    import pyarrow
    from pyarrow import parquet

    types = [pyarrow.timestamp("ms", tz="UTC"), *[pyarrow.string()] * 4]
    types += [pyarrow.float64()] * len(STATISTICS)
    schema = pyarrow.schema(list(zip(METRIC_COLUMNS, types, strict=True)))
    rows = [(moment, *place, *values) for moment, *place, values in metric_rows(world)]
    columns = list(zip(*rows, strict=True)) or [()] * len(types)
    arrays = [pyarrow.array(list(c), type=t) for c, t in zip(columns, types, strict=True)]
    file = io.BytesIO()
    parquet.write_table(pyarrow.table(arrays, schema=schema), file, compression="zstd")
    return file.getvalue()
