"""Gets a module's requirements into its environment: resolve to a lock, then install the lock."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .progress_lines import PackageCounter
from .requirements_file import logical_lines

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from .backends import Backend, Toolbox
    from .layout import VenvLayout
    from .requirements import Requirements


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
            _install(backend, toolbox, venv, source, exact=not additive)
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
        _install(backend, toolbox, venv, combined, exact=True)
    finally:
        combined.unlink(missing_ok=True)


def _install(
    backend: Backend, toolbox: Toolbox, venv: VenvLayout, file: Path, *, exact: bool
) -> None:
    total = sum(
        not line.startswith("-") or line.startswith("-e")
        for line in logical_lines(file.read_text(encoding="utf-8"))
    )
    toolbox.reporter.phase(
        "install", f"Installing {total} {'package' if total == 1 else 'packages'}"
    )
    counter = PackageCounter(toolbox.reporter, total)
    counter.start()
    backend.install(venv.python, file, exact=exact, on_line=counter.see)
    counter.finish()


def _written_source(requirements: Requirements, venv: VenvLayout) -> Path:
    """Write requirements that came out of another format where the tools can read them."""
    path = venv.private / "requirements.in"
    path.write_text("".join(f"{line}\n" for line in requirements.lines), encoding="utf-8")
    return path
