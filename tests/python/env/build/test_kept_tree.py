"""What is ours is linked into a new environment from the cache, and only ever what has been examined."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from synapse_worker.env import EnvironmentRequest, sync_environment
from synapse_worker.env.build import kept_tree
from synapse_worker.env.build.kept_tree import KeptTree
from synapse_worker.env.cleaning import clean_cache
from synapse_worker.env.discovery.interpreters import find_interpreter
from synapse_worker.env.tools.toolrun import ToolRunner

if TYPE_CHECKING:
    from collections.abc import Callable

    from synapse_worker.env import Marker

    Make = Callable[..., Path]


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache that no other test has put anything in."""
    monkeypatch.setenv("SYNAPSE_CACHE_DIR", str(tmp_path / "own-cache"))
    return tmp_path / "own-cache"


@pytest.fixture
def examinations(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Every examination of an environment: whether it compiled the runtime."""
    seen: list[bool] = []
    run = ToolRunner.run

    def watched(self: ToolRunner, title: str, command: list[str], **options: object) -> list[str]:
        if title == "Examining the environment":
            seen.append(command[-1] == "compile")
        return run(self, title, command, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(ToolRunner, "run", watched)
    return seen


def build(directory: Path) -> Marker:
    """Build the environment of a module that brings no codec."""
    return sync_environment(EnvironmentRequest(directory, backend="uv", dialect="native"))


def launcher(marker: Marker) -> Path:
    assert marker.launch is not None
    return Path(marker.launch.script)


def assert_works(marker: Marker) -> None:
    """Import both of ours as a worker would."""
    codec = launcher(marker).parents[5] / "synapse" / "codec"
    assert marker.codec is not None
    assert marker.codec.private
    assert marker.launch is not None
    code = f"import sys, synapse_worker.version; sys.path.append({str(codec)!r}); import msgspec"
    subprocess.run([marker.launch.python, "-I", "-c", code], check=True)


def kept_files(cache: Path, name: str) -> list[Path]:
    return [path for path in (cache / "kept").rglob(name) if path.is_file()]


def test_a_second_environment_is_linked_and_examined_once(
    make_module: Make, examinations: list[bool]
) -> None:
    first = build(make_module(name="first"))
    assert examinations == [False, True]
    examinations.clear()
    second = build(make_module(name="second"))
    assert examinations == [False]
    assert launcher(second).samefile(launcher(first))
    compiled = [path.name for path in launcher(second).parent.glob("__pycache__/launch.*.pyc")]
    assert len(compiled) == 1
    assert_works(second)
    assert (second.runtime, second.codec) == (first.runtime, first.codec)


def test_what_was_edited_in_one_environment_is_never_given_to_another(make_module: Make) -> None:
    first = build(make_module(name="first"))
    original = launcher(first).read_bytes()
    with launcher(first).open("ab") as file:
        file.write(b"# mine\n")
    second = build(make_module(name="second"))
    assert launcher(second).read_bytes() == original
    third = build(make_module(name="third"))
    assert launcher(third).samefile(launcher(second))


@pytest.mark.parametrize("name", ["launch.py", "files.json"])
def test_a_tree_that_a_cleaner_has_thinned_out_is_made_anew(
    make_module: Make, cache: Path, name: str
) -> None:
    first = build(make_module(name="first"))
    for path in kept_files(cache, name):
        path.unlink()
    second = build(make_module(name="second"))
    assert not launcher(second).samefile(launcher(first))
    assert_works(second)
    assert kept_files(cache, name) != []


def test_where_nothing_can_be_linked_it_is_copied_with_its_times(
    make_module: Make, monkeypatch: pytest.MonkeyPatch, examinations: list[bool]
) -> None:
    def refuse(*_paths: object) -> None:
        raise OSError(errno.EXDEV, os.strerror(errno.EXDEV))

    first = build(make_module(name="first"))
    monkeypatch.setattr(os, "link", refuse)
    examinations.clear()
    second = build(make_module(name="second"))
    assert examinations == [False]
    assert not launcher(second).samefile(launcher(first))
    assert launcher(second).stat().st_mtime_ns == launcher(first).stat().st_mtime_ns
    assert_works(second)


def test_a_tree_that_goes_while_it_is_linked_leaves_nothing_half_done(
    make_module: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    link, left = os.link, [20]

    def running_out(*paths: Path) -> None:
        left[0] -= 1
        if left[0] < 0:
            raise OSError(errno.ENOENT, os.strerror(errno.ENOENT))
        link(*paths)

    build(make_module(name="first"))
    monkeypatch.setattr(os, "link", running_out)
    monkeypatch.setattr(shutil, "copy2", running_out)
    assert_works(build(make_module(name="second")))


def test_without_a_place_to_keep_anything_environments_are_built_as_ever(
    make_module: Make, cache: Path
) -> None:
    cache.mkdir()
    (cache / "kept").write_text("a file")
    assert_works(build(make_module(name="first")))
    assert_works(build(make_module(name="second")))


def test_a_kept_codec_that_cannot_be_imported_is_installed_anew(
    make_module: Make, cache: Path
) -> None:
    build(make_module(name="first"))
    (core,) = kept_files(cache, "_core.*.so")
    status = core.stat()
    # Of the same size and time, as a failing disk leaves it. The first environment keeps its own.
    core.unlink()
    core.write_bytes(b"\0" * status.st_size)
    os.utime(core, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert_works(build(make_module(name="second")))
    (core,) = kept_files(cache, "_core.*.so")
    assert core.read_bytes()[:4] == b"\x7fELF"


def test_cleaning_the_cache_takes_what_is_kept_and_leaves_environments_whole(
    make_module: Make, cache: Path
) -> None:
    first = build(make_module(name="first"))
    clean_cache()
    assert not (cache / "kept").exists()
    assert_works(first)


def test_only_the_trees_used_last_are_kept(
    tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept_tree, "_MOST_TREES", 2)
    (tmp_path / "file.py").write_text("1\n")
    (tmp_path / "target").mkdir()
    base = find_interpreter(None)
    for name in ("used", "unused"):
        KeptTree("runtime", name, base).keep(tmp_path, ["file.py"], "lib")
    for folder in (cache / "kept").iterdir():
        os.utime(folder, (1, 1))
    assert KeptTree("runtime", "used", base).plant(tmp_path / "target")
    KeptTree("runtime", "new", base).keep(tmp_path, ["file.py"], "lib")
    places = {name: KeptTree("runtime", name, base).place for name in ("used", "unused", "new")}
    assert places == {"used": "lib", "unused": None, "new": "lib"}
