"""A file that somebody named is read; what would be waited for is refused in words."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from synapse_worker.env.sources.plain_file import read_plain

if TYPE_CHECKING:
    from pathlib import Path


def test_a_file_is_read_and_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    (tmp_path / "main.py").write_bytes(b"print()\n")
    assert read_plain(tmp_path / "main.py") == b"print()\n"
    os.mkfifo(tmp_path / "pipe.py")
    with pytest.raises(OSError, match="it is not a plain file"):
        read_plain(tmp_path / "pipe.py")
    with pytest.raises(FileNotFoundError):
        read_plain(tmp_path / "gone.py")
    with pytest.raises(IsADirectoryError):
        read_plain(tmp_path)
