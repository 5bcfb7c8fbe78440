"""The line by which we know our own locks."""

from __future__ import annotations

import pytest

from synapse_worker.env.sources.lock_header import LockHeader, read_lock_header

LINE = (
    "# Locked by `synapse env lock` from requirements.in (sha256 0a1b) for Python 3.11, "
    "linux-x86_64."
)
HEADER = LockHeader("requirements.in", "0a1b", "3.11", "linux-x86_64")


def test_it_is_written_and_read() -> None:
    assert HEADER.render() == LINE
    assert read_lock_header(LINE + "\nsix==1\n") == HEADER
    spaced = LockHeader("my app.py", "0a1b", "3.11+", "any platform")
    assert read_lock_header(spaced.render()) == spaced
    assert read_lock_header("\ufeff" + LINE + "\r\n") == HEADER


@pytest.mark.parametrize("text", ["", "six\n" + LINE, "# Locked by hand", LINE[:-1], "#" + LINE])
def test_anything_else_is_somebody_elses(text: str) -> None:
    assert read_lock_header(text) is None
