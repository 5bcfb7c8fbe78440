"""Where tools put what they throw away, and that nothing of it stays."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from synapse_worker.env import EnvironmentRequest, ModuleEnvironmentError, sync_environment
from synapse_worker.env.build.scratch import scratch_folder
from synapse_worker.env.cleaning import clean_cache

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache that no other test has put anything in."""
    monkeypatch.setenv("SYNAPSE_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.delenv("TMPDIR", raising=False)
    return tmp_path / "cache"


def test_it_is_empty_private_and_gone_afterwards(tmp_path: Path, cache: Path) -> None:
    with scratch_folder(tmp_path) as folder:
        assert folder is not None
        assert folder.is_relative_to(cache)
        assert folder.stat().st_mode & 0o777 == 0o700
        (folder / "left").write_text("")
    assert not folder.exists()


def test_what_a_killed_build_left_is_gone_with_the_next(tmp_path: Path) -> None:
    with scratch_folder(tmp_path) as folder:
        assert folder is not None
    folder.mkdir()
    (folder / "left").write_text("")
    with scratch_folder(tmp_path) as again:
        assert again == folder
        assert list(again.iterdir()) == []


def test_cleaning_the_cache_takes_what_nobody_uses(tmp_path: Path) -> None:
    with scratch_folder(tmp_path / "killed") as left:
        assert left is not None
    left.mkdir()
    with scratch_folder(tmp_path / "running") as used:
        assert used is not None
        clean_cache()
        assert (left.exists(), used.exists()) == (False, True)


def test_without_a_cache_there_is_none(tmp_path: Path, cache: Path) -> None:
    cache.write_text("a file")
    with scratch_folder(tmp_path) as folder:
        assert folder is None


def test_it_stands_where_the_user_wants_temporary_things_and_leaves_theirs_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen = tmp_path / "chosen"
    chosen.mkdir()
    (chosen / "theirs").write_text("")
    monkeypatch.setenv("TMPDIR", str(chosen))
    with scratch_folder(tmp_path) as folder:
        assert folder is not None
        assert folder.parent == chosen
    folder.mkdir()
    (folder / "left").write_text("")
    with scratch_folder(tmp_path) as again:
        assert again == folder
        assert list(again.iterdir()) == []
    folder.mkdir()
    (tmp_path / "cache").mkdir(exist_ok=True)
    clean_cache()
    assert sorted(path.name for path in chosen.iterdir()) == ["theirs"]


def test_a_link_in_its_place_is_not_followed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    with scratch_folder(tmp_path) as folder:
        assert folder is not None
    (tmp_path / "elsewhere").mkdir()
    folder.symlink_to(tmp_path / "elsewhere")
    with scratch_folder(tmp_path) as again:
        assert again is None
    assert folder.is_symlink()


def test_tools_use_it(
    make_module: Callable[..., Path], cache: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    tool = tmp_path / "uv"
    tool.write_text(
        f'#!/bin/sh\n[ "$1" = --version ] && echo uv 9.0.0 && exit\necho "$TMPDIR" > {tmp_path}/seen\nexit 1\n'
    )
    tool.chmod(0o755)
    monkeypatch.setenv("SYNAPSE_UV", str(tool))
    with pytest.raises(ModuleEnvironmentError):
        sync_environment(EnvironmentRequest(make_module(), backend="uv", dialect="raw"))
    assert os.path.dirname((tmp_path / "seen").read_text().strip()) == str(cache / "tmp")
