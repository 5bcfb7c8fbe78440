"""Workers and builders of ours whose parent has gone, and ended ones that nobody has waited for.

A worker dies with its parent (worker/life.py), a builder when its stdin ends. One that is left all the
same was stopped, or its parent was ended by something that keeps descriptors open.
"""

from __future__ import annotations

import json
import os
import time
from typing import TYPE_CHECKING

from .finding import info, ok, warning
from .process_table import Process, process_table

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from .finding import Findings
    from .request import DoctorRequest

_LAUNCHER = "synapse_worker/worker/launch.py"
# Those that adopt what others leave behind. A container's first process may be the real parent.
_ADOPTERS = {"systemd", "init", "launchd", "tini", "dumb-init", "docker-init", "catatonit"}
_MOMENT_S = 0.3
_HOSTS = ("node", "bun", "deno", "python", "npm", "npx")


def examine_processes(request: DoctorRequest) -> Findings:
    """Look through the processes of this machine for strays and zombies of ours."""
    del request
    table = process_table()
    if any(_strays(table)) or any(_zombies(table)):
        # One that has just ended, or whose parent has, is gone in a moment.
        time.sleep(_MOMENT_S)
        table = process_table()
    strays, zombies = list(_strays(table)), list(_zombies(table))
    for process in strays:
        yield warning(
            "processes.stray",
            f"{_title(process)} (process {process.pid}) runs on although its parent has gone.",
            f"kill {process.pid}    (or, if it stays: kill -9 {process.pid})",
            pid=process.pid,
            command=list(process.arguments[:2]),
        )
    for process in zombies:
        parent = table.get(process.parent)
        name = parent.name if parent else "its parent"
        yield warning(
            "processes.zombie",
            f"Process {process.pid} ({process.name}) has ended, and its parent {process.parent} ({name}) never "
            "asked how.",
            f"kill -CHLD {process.parent}    (or end {process.parent})",
            pid=process.pid,
            parent=process.parent,
        )
    running = sum(map(is_ours, table.values())) - len(strays)
    if running:
        yield info(
            "processes.running",
            f"{running} process{' of Synapse runs' if running == 1 else 'es of Synapse run'}, with a parent.",
            count=running,
        )
    elif not strays and not zombies:
        yield ok("processes", "No worker has been left behind.")


def _strays(table: Mapping[int, Process]) -> Iterator[Process]:
    for process in table.values():
        if is_ours(process) and has_lost_parent(process, table):
            yield process


def _zombies(table: Mapping[int, Process]) -> Iterator[Process]:
    """Yield the ended children of our own processes, and of those that have started some of ours."""
    hosts = {pid for one in table.values() if is_ours(one) for pid in (one.pid, one.parent)}
    for process in table.values():
        if process.is_zombie and process.parent in hosts - {1, os.getpid()}:
            yield process


def is_ours(process: Process) -> bool:
    """Say whether a process is a worker, a zygote or a builder."""
    return _is_worker(process) or _is_builder(process)


def has_lost_parent(process: Process, table: Mapping[int, Process]) -> bool:
    """Say whether the process has been adopted by one that starts no workers."""
    parent = table.get(process.parent)
    if parent is None:
        # Another name space (a container seen from outside shows all); 0 is the kernel.
        return process.parent == 1
    if process.parent == os.getpid():
        return False
    name = os.path.basename(parent.name)
    if name in _ADOPTERS:
        return True
    # Workers stay in the session of who starts them (docs/decisions/0038): another one has adopted it.
    if process.session and parent.session and process.session != parent.session:
        return True
    # The first process of a container is whatever it was started with.
    return process.parent == 1 and not name.startswith(_HOSTS)


def _is_worker(process: Process) -> bool:
    return any(argument.endswith(_LAUNCHER) for argument in process.arguments[1:4])


def _is_builder(process: Process) -> bool:
    return "--watch-stdin" in process.arguments and "sync" in process.arguments


def _title(process: Process) -> str:
    if _is_builder(process):
        return "A builder of environments"
    for argument in process.arguments:
        if argument.startswith("{"):
            try:
                return f'A worker of "{json.loads(argument)["directory"]}"'
            except (ValueError, KeyError, TypeError):
                break
    return "A worker"
