"""Decorated functions stay plain functions: they are tested without Node or a worker."""

from datetime import date

import main
import pandas as pd
import pytest


def test_revenue_is_added_up_per_country_the_most_first() -> None:
    totals = main.revenue("country")
    assert totals.columns.tolist() == ["country", "orders", "revenue"]
    assert totals["orders"].sum() == 60
    assert totals["revenue"].is_monotonic_decreasing


def test_a_query_takes_a_day_and_a_least_revenue() -> None:
    later = main.revenue("product", since=date(2026, 4, 1))
    assert 0 < later["orders"].sum() < 60
    assert main.revenue("product", least=1e9).empty


def test_rows_are_numbered_from_zero_so_that_no_index_travels() -> None:
    assert main.revenue("country").index.tolist() == [0, 1, 2, 3]


def test_a_table_gets_its_totals() -> None:
    table = pd.DataFrame({"quantity": [2, 3], "price": [1.5, 0.1]})
    assert main.with_totals(table)["total"].tolist() == [3.0, 0.3]


def test_a_table_without_the_columns_is_refused() -> None:
    with pytest.raises(main.MissingColumnsError, match="no column quantity, price"):
        main.with_totals(pd.DataFrame({"amount": [2]}))


def test_batches_have_all_rows() -> None:
    assert [batch.num_rows for batch in main.batches(rows=25)] == [25, 25, 10]
