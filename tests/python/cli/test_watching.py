"""What the watcher takes for an edit, and what it does not."""

from __future__ import annotations

import os
import threading
import time
from typing import TYPE_CHECKING

import pytest

from synapse_worker.cli.watching import Watcher

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

DEADLINE_SECONDS = 10.0


@pytest.fixture
def module(tmp_path: Path) -> Path:
    (tmp_path / "main.py").write_text("x = 1\n")
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner" / "part.py").write_text("y = 1\n")
    return tmp_path


def edited(module: Path, edit: Callable[[], object]) -> set[str]:
    """Return the names of the files that a watcher reports after `edit`."""
    watcher = Watcher([module], poll_seconds=0.01, settle_seconds=0.01)
    edit()
    end = time.monotonic() + DEADLINE_SECONDS
    paths = watcher.wait(until=lambda: not watcher.changed() or time.monotonic() > end)
    return {path.relative_to(module).as_posix() for path in paths}


def replace(path: Path, text: str) -> None:
    """Save as many editors do: a new file takes the place of the old one."""
    fresh = path.with_suffix(".tmp~")
    fresh.write_text(text)
    os.replace(fresh, path)


def test_a_file_written_in_place_is_an_edit(module: Path) -> None:
    assert edited(module, lambda: (module / "main.py").write_text("x = 22\n")) == {"main.py"}


def test_a_save_by_rename_is_an_edit_also_with_size_and_time_of_the_old_file(module: Path) -> None:
    main = module / "main.py"
    before = main.stat()

    def save() -> None:
        replace(main, "x = 2\n")
        os.utime(main, ns=(before.st_atime_ns, before.st_mtime_ns))

    assert edited(module, save) == {"main.py"}


def test_a_write_that_keeps_size_and_time_is_an_edit(module: Path) -> None:
    main = module / "main.py"
    before = main.stat()

    def save() -> None:
        while main.stat().st_ctime_ns == before.st_ctime_ns:  # the kernel's clock ticks coarsely
            main.write_text("x = 3\n")
            os.utime(main, ns=(before.st_atime_ns, before.st_mtime_ns))

    assert edited(module, save) == {"main.py"}


def test_new_removed_and_deep_files_are_edits(module: Path) -> None:
    def save() -> None:
        (module / "new.py").write_text("")
        (module / "inner" / "part.py").unlink()
        (module / "requirements.txt").write_text("")
        (module / "pyproject.toml").write_text("")

    assert edited(module, save) == {
        "new.py",
        "inner/part.py",
        "requirements.txt",
        "pyproject.toml",
    }


def test_a_folder_that_is_made_later_is_watched_too(module: Path) -> None:
    def save() -> None:
        (module / "later").mkdir()
        (module / "later" / "part.py").write_text("")

    assert edited(module, save) == {"later/part.py"}


@pytest.mark.parametrize(
    "path",
    [
        ".venv/lib/thing.py",
        "node_modules/a/b.py",
        "__pycache__/main.cpython-311.py",
        "data.csv",
        "app.log",
        ".main.py.swp",
        "env/lib/python3.11/site-packages/thing.py",
    ],
)
def test_what_is_not_the_users_own_python_is_no_edit(module: Path, path: str) -> None:
    (module / path).parent.mkdir(parents=True, exist_ok=True)
    assert edited(module, lambda: (module / path).write_text("z = 1\n")) == set()


def test_an_environment_under_any_name_is_not_watched(module: Path) -> None:
    (module / "myenv").mkdir()
    (module / "myenv" / "pyvenv.cfg").write_text("")
    assert edited(module, lambda: (module / "myenv" / "thing.py").write_text("")) == set()


def test_links_are_followed_but_not_in_circles(
    module: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (elsewhere / "shared.py").write_text("a = 1\n")
    (module / "linked").symlink_to(elsewhere)
    (module / "inner" / "circle").symlink_to(module)
    assert edited(module, lambda: (elsewhere / "shared.py").write_text("a = 22\n")) == {
        "linked/shared.py"
    }


def test_edits_between_two_waits_are_not_missed(module: Path) -> None:
    watcher = Watcher([module], poll_seconds=0.01, settle_seconds=0.01)
    (module / "main.py").write_text("x = 10\n")
    assert [path.name for path in watcher.wait()] == ["main.py"]
    (module / "inner" / "part.py").write_text("y = 10\n")
    assert [path.name for path in watcher.wait()] == ["part.py"]


def test_a_waiting_watcher_sees_an_edit_of_another_thread(module: Path) -> None:
    watcher = Watcher([module], poll_seconds=0.01, settle_seconds=0.01)
    asked = threading.Event()

    def save() -> None:
        asked.wait(DEADLINE_SECONDS)
        (module / "main.py").write_text("x = 10\n")

    thread = threading.Thread(target=save)
    thread.start()

    def until() -> bool:
        asked.set()
        return False

    assert [path.name for path in watcher.wait(until=until)] == ["main.py"]
    thread.join(DEADLINE_SECONDS)


def test_it_stops_waiting_when_told_to(module: Path) -> None:
    assert Watcher([module]).wait(until=lambda: True) == frozenset()
