"""What forbids to fork this process, after the import of a module: what two processes cannot share."""

from __future__ import annotations

import os
import sys
import time

TYPE_CHECKING = False  # importing typing costs 9 ms of a cold start
if TYPE_CHECKING:
    from typing import Any

TASKS = "/proc/self/task"
# Devices without a state of their own.
HARMLESS = frozenset({"/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom"})
# More are counted, not named.
MAX_NAMES = 3
# How long threads that are ending are waited for.
LEAVING_SECONDS = 0.05


def open_descriptors() -> dict[int, str]:
    """Return every open descriptor of this process and what it leads to."""
    targets = {int(name): _target(name) for name in os.listdir("/proc/self/fd")}
    return {fd: target for fd, target in targets.items() if target}


class TemporaryFolders:
    """The directories that `tempfile` makes from now on: whoever made them deletes them at its exit, or never."""

    def __init__(self) -> None:
        self._made: list[str] = []
        self._mkdir = os.mkdir
        os.mkdir = self._note_and_make

    def left(self) -> list[str]:
        """Look no longer; return those that still exist."""
        os.mkdir = self._mkdir
        return [path for path in self._made if os.path.isdir(path)]

    def _note_and_make(self, path: Any, *args: Any, **kwargs: Any) -> None:
        self._mkdir(path, *args, **kwargs)
        # `tempfile` is not imported for this: that takes longer than all the rest of a zygote's own work.
        if sys._getframe(1).f_globals.get("__name__") == "tempfile":  # noqa: SLF001
            self._made.append(os.fsdecode(path))


def why_not_forkable(before: dict[int, str], folders: list[str]) -> str | None:
    """Say in a clause why this process must not be forked; None if it may.

    `before` is what was open before the import, `folders` the temporary directories that it left.
    """
    threads = _lasting_threads()
    if threads:
        return f"importing it started {_some('thread', 'threads', threads)}"
    opened = [
        target
        for fd, target in open_descriptors().items()
        if before.get(fd) != target and target not in HARMLESS
    ]
    if opened:
        return f"importing it left {_some('file', 'files', opened)} open"
    if folders:
        # The first worker that ends would delete it under the others.
        return f"importing it made {_some('temporary directory', 'temporary directories', folders)}"
    children = child_processes()
    if children:
        return f"importing it started {_some('process', 'processes', list(map(str, children)))}"
    return None


def child_processes() -> list[int]:
    """Return the children of this single-threaded process, zombies included."""
    me = os.getpid()
    try:
        with open(f"{TASKS}/{me}/children", encoding="ascii") as children:
            return [int(pid) for pid in children.read().split()]
    except FileNotFoundError:  # a kernel without CONFIG_PROC_CHILDREN
        return [pid for pid, parent in parents().items() if parent == me]


def parents() -> dict[int, int]:
    """Return the parent of every process that can be seen."""
    found = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            fields = stat_fields(int(name))
            if fields is not None:
                found[int(name)] = int(fields[1])
    return found


def stat_fields(pid: int) -> list[str] | None:
    """Return state, parent, group, session and what follows of a process; None if it has gone."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as stat:
            text = stat.read()
    except OSError:
        return None
    # proc(5): pid (comm) state ppid pgrp session …; comm may hold spaces and parentheses.
    return text[text.rindex(")") + 2 :].split()


def _target(fd: str) -> str:
    try:
        return os.readlink(f"/proc/self/fd/{fd}")
    except OSError:  # it was the one that listed them
        return ""


def _lasting_threads() -> list[str]:
    """Return the threads that stay: one that has been joined may take a moment to leave."""
    deadline = time.monotonic() + LEAVING_SECONDS
    while (threads := _threads()) and time.monotonic() < deadline:
        time.sleep(LEAVING_SECONDS / 50)
    return threads


def _threads() -> list[str]:
    """Return the names of all threads but this one, those without Python included."""
    others = (int(thread) for thread in os.listdir(TASKS) if int(thread) != os.getpid())
    return [name for name in map(_thread_name, others) if name]


def _thread_name(thread: int) -> str:
    try:
        with open(f"{TASKS}/{thread}/comm", encoding="utf-8", errors="replace") as comm:
            return comm.read().strip() or "unnamed"
    except OSError:  # it has just ended
        return ""


def _some(noun: str, plural: str, names: list[str]) -> str:
    listed = ", ".join(names[:MAX_NAMES]) + (", …" if len(names) > MAX_NAMES else "")
    return f"{len(names)} {noun if len(names) == 1 else plural} ({listed})"
