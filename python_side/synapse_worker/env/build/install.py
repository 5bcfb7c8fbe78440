"""Gets a module's requirements into its environment: resolve to a lock, then install the lock."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from ..sources.logical_lines import logical_lines
from ..sources.own_requirement import OWN_NAME, normalized_name, required_name
from ..tools.progress_lines import PackageCounter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from ..backends import Backend, Toolbox
    from ..layout import VenvLayout
    from ..sources.requirements import Requirements


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
    with _source(requirements, venv) as source:
        if additive or requirements.is_locked:
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
        name = required_name(line)
        if name:
            kept.add(name)
        elif line.startswith("-e") or not line.startswith("-"):
            return  # a path does not say the package's name: remove nothing
    installed = {
        normalized_name(path.name.partition("-")[0])
        for path in venv.root.glob("lib/python*/site-packages/*.dist-info")
    }
    if others := sorted(installed - kept):
        backend.uninstall(venv.python, others)


@contextlib.contextmanager
def _source(requirements: Requirements, venv: VenvLayout) -> Iterator[Path]:
    """Yield the file for the tools: the user's own, or one written out of another format.

    The latter goes when the tools have read it: index options may hold credentials.
    """
    if requirements.file is not None and requirements.rewritten is None:
        yield requirements.file
        return
    lines = requirements.lines if requirements.rewritten is None else requirements.rewritten
    path = venv.private / "requirements.in"
    path.unlink(missing_ok=True)
    path.touch(mode=0o600)
    try:
        path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        yield path
    finally:
        path.unlink(missing_ok=True)
