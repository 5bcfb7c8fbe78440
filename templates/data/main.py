"""Orders: tables of pandas and Arrow, asked and filled from TypeScript.

A parameter or result annotated as a table travels as the bytes of an Arrow stream, column by column: nothing is
turned into records on the way. In TypeScript the package apache-arrow reads and writes them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Literal

import pandas as pd
import pyarrow as pa
from annotated_types import Ge
from synapse_worker import Module

app = Module()

# Read when the module is imported: once, for all workers, which are forked from the process that did it.
orders = pd.read_csv(Path(__file__).with_name("orders.csv"), parse_dates=["placed"])


@app.error
@dataclass
class MissingColumnsError(Exception):
    """Annotations say that an argument is a table, not of which columns: that is for the function to check."""

    missing: list[str]

    def __str__(self) -> str:
        return f"the table has no column {', '.join(self.missing)}"


@app.method
def revenue(
    by: Literal["country", "product"], *, since: date | None = None, least: float = 0.0
) -> pd.DataFrame:
    """Add up orders and revenue, the most first: a query with parameters.

    Args:
        by: What each row of the result is about.
        since: Only orders from that day on.
        least: Only rows of at least so much revenue.
    """
    chosen = orders if since is None else orders[orders["placed"] >= pd.Timestamp(since)]
    totals = (
        with_totals(chosen)
        .groupby(by, as_index=False)
        .agg(orders=("order", "count"), revenue=("total", "sum"))
        .query("revenue >= @least")
        .sort_values("revenue", ascending=False)
    )
    # Rows that were filtered or sorted keep their old numbers, which would travel as one more column.
    return totals.reset_index(drop=True)


@app.method
def with_totals(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table of the caller's with one more column: there and back."""
    if missing := [name for name in ("quantity", "price") if name not in table]:
        raise MissingColumnsError(missing)
    return table.assign(total=(table["quantity"] * table["price"]).round(2))


@app.method
def batches(*, rows: Annotated[int, Ge(1)] = 25) -> Iterator[pa.Table]:
    """Stream all orders, some rows at a time. Each item is a table; none is made before the reader wants it."""
    everything = pa.Table.from_pandas(orders, preserve_index=False)
    for batch in everything.to_batches(max_chunksize=rows):
        yield pa.Table.from_batches([batch])
