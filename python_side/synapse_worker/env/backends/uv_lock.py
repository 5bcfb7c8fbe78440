"""Reads a project's uv.lock, which only uv can: as requirement lines with hashes, for either backend."""

from __future__ import annotations

import tempfile
from typing import TYPE_CHECKING

from ..errors import REQUIREMENTS_INVALID, ModuleEnvironmentError
from ..sources.logical_lines import logical_lines
from ..tools.tool_settings import tool_environment
from ..tools.toolrun import ToolError
from .uv import find_uv
from .uv_needed import needs_uv

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from ..tools.toolrun import ToolRunner

# `--frozen`: what is locked, whether or not pyproject.toml has changed since; nothing is resolved.
_OPTIONS = (
    "export", "--frozen", "--no-emit-project", "--no-header", "--no-annotate", "--no-default-groups",
    "--format", "requirements-txt", "--offline", "--quiet",
)  # fmt: skip


def export_lock(
    runner: ToolRunner, directory: Path, groups: Sequence[str], extras: Sequence[str]
) -> list[str]:
    """Return the requirement lines of the uv.lock in `directory`.

    Raises:
        ModuleEnvironmentError: there is no uv (`BUILD_FAILED`), or it cannot read the file
            (`REQUIREMENTS_INVALID`).
    """
    command = find_uv()
    if command is None:
        raise needs_uv("Installing from a uv.lock")
    chosen = [word for name in groups for word in ("--group", name)]
    chosen += [word for name in extras for word in ("--extra", name)]
    # Without a name, so a killed run leaves nothing.
    with tempfile.TemporaryFile(dir=runner.temporary) as exported:
        try:
            runner.run(
                "Reading uv.lock",
                [command, *_OPTIONS, *chosen],
                env=tool_environment(),
                report="failed",
                into=exported,
            )
        except ToolError as problem:
            raise ModuleEnvironmentError(
                REQUIREMENTS_INVALID,
                f'uv cannot read "{directory / "uv.lock"}".',
                hint="`uv lock` in that folder brings it up to date, or says what is wrong.",
                lines=problem.lines,
                cause=problem,
            ) from problem
        exported.seek(0)
        return logical_lines(exported.read().decode("utf-8"))
