"""The processes of this machine that could be ours: from /proc, or from `ps` where there is none."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from .commands import ask

_PROC = Path("/proc")


@dataclass(frozen=True)
class Process:
    """One process; `arguments` is empty for a zombie, of which only the name is left."""

    pid: int
    parent: int
    state: str
    name: str
    arguments: tuple[str, ...]
    user: int
    # 0 where it is not known.
    session: int = 0

    @property
    def is_zombie(self) -> bool:
        """Say whether it has ended and nobody has asked how."""
        return self.state.startswith("Z")


def process_table(proc: Path = _PROC) -> dict[int, Process]:
    """Return every process that can be seen, by its id."""
    if not (proc / "self").exists() and not any(proc.glob("[0-9]*/stat")):
        return _from_ps()
    found = {}
    for folder in proc.iterdir():
        if folder.name.isdigit():
            process = _read(folder)
            if process is not None:
                found[process.pid] = process
    return found


def _read(folder: Path) -> Process | None:
    try:
        # pid (name) state ppid pgrp session …; a name may hold blanks and brackets.
        head, _, rest = (folder / "stat").read_text(errors="replace").rpartition(")")
        state, parent, _, session = rest.split()[:4]
        arguments = (folder / "cmdline").read_bytes().decode(errors="replace").split("\0")
        user = folder.stat().st_uid
    except (OSError, ValueError):
        return None  # it has ended meanwhile
    name = head.partition("(")[2]
    words = tuple(filter(None, arguments))
    return Process(int(folder.name), int(parent), state, name, words, user, int(session))


def _from_ps() -> dict[int, Process]:
    """Read what `ps` prints; its arguments are parted at blanks, which is enough to know ours."""
    answer = ask(["ps", "-axo", "pid=,ppid=,uid=,stat=,command="])
    found = {}
    for line in answer.text.splitlines():
        fields = line.split(None, 4)
        if len(fields) < 4 or not all(field.isdigit() for field in fields[:3]):
            continue
        command = fields[4] if len(fields) > 4 else ""
        arguments = tuple(command.split())
        name = os.path.basename(arguments[0]) if arguments else ""
        pid, parent, user = (int(field) for field in fields[:3])
        found[pid] = Process(pid, parent, fields[3], name, arguments, user)
    return found
