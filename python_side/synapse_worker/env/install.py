"""Gets a module's requirements into its environment: resolve to a lock, then install the lock."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .progress_lines import PackageCounter
from .requirements_file import logical_lines

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from .backends import Backend, Toolbox
    from .layout import VenvLayout
    from .requirements import Requirements

OWN_NAME = "synapse-worker"
_NAME = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)\s*(?:\[.*?\]\s*)?(?:$|[=<>!~;@])")


def install_requirements(
    requirements: Requirements,
    backend: Backend,
    toolbox: Toolbox,
    venv: VenvLayout,
    *,
    additive: bool = False,
    before_install: Callable[[], None] = lambda: None,
) -> None:
    """Install the requirements; `additive` removes nothing and lets installed versions be.

    Raises:
        ToolError: a tool failed; nothing was changed if `before_install` has not been called.
    """
    source = requirements.file or _written_source(requirements, venv)
    if additive or requirements.is_hash_locked:
        before_install()
        if not requirements.is_empty:
            _install(backend, toolbox, venv, source)
        if not additive:
            _remove_others(backend, venv, source)
        return
    if requirements.is_empty:
        venv.lockfile.write_text("", encoding="utf-8")
    else:
        toolbox.reporter.phase("resolve", f"Resolving {requirements.source}")
        backend.resolve(venv.python, source, venv.lockfile)
    before_install()
    _install_lock(requirements, backend, toolbox, venv)


def _install_lock(
    requirements: Requirements, backend: Backend, toolbox: Toolbox, venv: VenvLayout
) -> None:
    # Index options of the requirements belong to the installation as well, but never into the
    # lock: they may hold credentials. This file goes as soon as the tool has read it.
    combined = venv.private / "install.txt"
    combined.touch(mode=0o600)
    try:
        lock = venv.lockfile.read_text(encoding="utf-8")
        combined.write_text("\n".join((*requirements.options, lock)), encoding="utf-8")
        _install(backend, toolbox, venv, combined)
        _remove_others(backend, venv, combined)
    finally:
        combined.unlink(missing_ok=True)


def _install(backend: Backend, toolbox: Toolbox, venv: VenvLayout, file: Path) -> None:
    total = sum(
        not line.startswith("-") or line.startswith("-e")
        for line in logical_lines(file.read_text(encoding="utf-8"))
    )
    noun = "package" if total == 1 else "packages"
    toolbox.reporter.phase("install", f"Installing {total} {noun}")
    counter = PackageCounter(toolbox.reporter, total)
    counter.start()
    if total:
        backend.install(venv.python, file, counter.see)
    counter.finish()


def _remove_others(backend: Backend, venv: VenvLayout, lock: Path) -> None:
    """Remove what an earlier lock installed and this one does not name; ours stays untouched."""
    kept = {OWN_NAME}
    for line in logical_lines(lock.read_text(encoding="utf-8")):
        match = _NAME.match(line)
        if match:
            kept.add(_normalized(match.group(1)))
        elif line.startswith("-e") or not line.startswith("-"):
            return  # a path does not say the package's name: remove nothing
    installed = {
        _normalized(path.name.partition("-")[0])
        for path in venv.root.glob("lib/python*/site-packages/*.dist-info")
    }
    if others := sorted(installed - kept):
        backend.uninstall(venv.python, others)


def _normalized(name: str) -> str:
    """Return a distribution's name as PEP 503 compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _written_source(requirements: Requirements, venv: VenvLayout) -> Path:
    """Write requirements that came out of another format where the tools can read them."""
    path = venv.private / "requirements.in"
    path.write_text("".join(f"{line}\n" for line in requirements.lines), encoding="utf-8")
    return path
