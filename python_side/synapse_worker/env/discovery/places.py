"""Where Pythons may be, in the order in which they are preferred. Nothing is started here."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from .conda import conda_roots
from .interpreter import MINIMUM

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .machine import Machine

_NEWEST_MINOR = 14
_MINORS = range(_NEWEST_MINOR, MINIMUM[1] - 1, -1)
_VERSION_IN_NAME = re.compile(r"^(?:cpython-)?(\d+)\.(\d+)(?:\.(\d+))?(?=$|-)")


@dataclass(frozen=True)
class Place:
    """Something that may be a Python."""

    # To be started: a path, and arguments for a launcher.
    command: tuple[str, ...]
    origin: str
    # What its folder or name says of its version; nothing is started to learn that it does not fit.
    version: tuple[int, ...] = ()

    @property
    def text(self) -> str:
        """Return it as a user would type it."""
        return " ".join(self.command)


def places(machine: Machine, minor: int | None = None) -> Iterator[Place]:
    """Yield every Python that this machine may have, without those used only when asked for.

    `minor` is the 3.X that is asked for, which may be one that did not exist when this was written.
    """
    if machine.running:
        yield Place((machine.running,), "running")
    yield from _pyenv(machine)
    yield from _uv_managed(machine)
    yield from _on_path(machine, minor)
    if machine.platform == "darwin":
        yield from _mac(machine)
    if machine.is_windows:
        yield from _windows_launcher(machine)


def all_places(machine: Machine) -> Iterator[Place]:
    """Yield what `places` yields, and what is used only when it is asked for."""
    yield from places(machine)
    if active := machine.variables.get("VIRTUAL_ENV"):
        yield Place((str(machine.python_of_venv(Path(active))),), "active")
    for root in conda_roots(machine):
        python = machine.python_in(root)
        if os.path.exists(python):
            yield Place((str(python),), "conda")


def _pyenv(machine: Machine) -> Iterator[Place]:
    if machine.is_windows:
        root = machine.folder("PYENV_ROOT", machine.home / ".pyenv" / "pyenv-win")
    else:
        root = machine.folder("PYENV_ROOT", machine.home / ".pyenv")
    for prefix in _newest_first(root / "versions"):
        yield Place((str(_python_of(machine, prefix)),), "pyenv", _version_of(prefix))


def _uv_managed(machine: Machine) -> Iterator[Place]:
    if machine.is_windows:
        data = machine.folder("APPDATA", machine.home / "AppData" / "Roaming")
    else:
        data = machine.folder("XDG_DATA_HOME", machine.home / ".local" / "share")
    root = machine.folder("UV_PYTHON_INSTALL_DIR", data / "uv" / "python")
    for prefix in _newest_first(root):
        if prefix.name.startswith("cpython-"):
            yield Place((str(_python_of(machine, prefix)),), "uv", _version_of(prefix))


def _on_path(machine: Machine, wanted: int | None) -> Iterator[Place]:
    minors = dict.fromkeys((*([] if wanted is None else [wanted]), *_MINORS))
    for minor in minors:
        name = f"python3.{minor}"
        found = machine.which(name)
        if found or minor == wanted:  # the one asked for is said to be missing
            yield Place((found or name,), "PATH", (3, minor))
    for name in ("python3", "python"):
        found = machine.which(name)
        if found and not _asks_to_be_installed(machine, found):
            yield Place((found,), "PATH")


def _mac(machine: Machine) -> Iterator[Place]:
    """Yield what Homebrew and python.org install, for processes whose PATH lacks them."""
    frameworks = machine.root / "Library" / "Frameworks" / "Python.framework" / "Versions"
    for prefix in _newest_first(frameworks):
        yield Place((str(prefix / "bin" / "python3"),), "python.org", _version_of(prefix))
    for folder in ("opt/homebrew/bin", "usr/local/bin"):
        for minor in _MINORS:
            python = machine.root / folder / f"python3.{minor}"
            if os.path.exists(python):
                yield Place((str(python),), "Homebrew", (3, minor))


def _windows_launcher(machine: Machine) -> Iterator[Place]:
    launcher = machine.which("py") or machine.which("py.exe")
    if launcher is None:
        return
    for minor in _MINORS:
        yield Place((launcher, f"-3.{minor}"), "py", (3, minor))
    yield Place((launcher, "-3"), "py")


def _asks_to_be_installed(machine: Machine, found: str) -> bool:
    """Say whether a command is Apple's stand-in, which opens a dialogue instead of running."""
    if (
        machine.platform != "darwin"
        or Path(found) != machine.root / "usr" / "bin" / Path(found).name
    ):
        return False
    tools = ("Library/Developer/CommandLineTools/usr/bin", "Applications/Xcode.app")
    return not any(os.path.exists(machine.root / folder) for folder in tools)


def _python_of(machine: Machine, prefix: Path) -> Path:
    python = machine.python_in(prefix)
    return python if machine.is_windows or os.path.exists(python) else prefix / "bin" / "python3"


def _newest_first(folder: Path) -> list[Path]:
    """Return the installations in a folder; the links among them name another of them."""
    try:
        found = [path for path in folder.iterdir() if os.path.isdir(path) and not path.is_symlink()]
    except OSError:
        return []
    return sorted(found, key=lambda path: (_version_of(path), path.name), reverse=True)


def _version_of(prefix: Path) -> tuple[int, ...]:
    match = _VERSION_IN_NAME.match(prefix.name)
    return tuple(int(part) for part in match.groups() if part) if match else ()
