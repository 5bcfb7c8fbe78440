"""What `--no-build` refuses before a tool has run: requirements that can only be built."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import REQUIREMENTS_INVALID, ModuleEnvironmentError
from ..sources.requirement_line import parse_requirement_line

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from ..sources.requirement_line import RequirementLine


def refuse_builds(lines: Iterable[str], directory: Path) -> None:
    """Refuse folders, repositories and source archives.

    Raises:
        ModuleEnvironmentError: there is one (`REQUIREMENTS_INVALID`).
    """
    for text in lines:
        line = parse_requirement_line(text, directory)
        if _must_be_built(line):
            raise ModuleEnvironmentError(
                REQUIREMENTS_INVALID,
                f'"{line.target or text}" must be built, and only wheels are allowed (--no-build).',
                hint="Put a wheel of it in its place, or build without the option: its own code then "
                "runs while it is installed.",
            )


def _must_be_built(line: RequirementLine) -> bool:
    if line.kind == "vcs" or line.is_editable:
        return True
    if line.kind not in {"local", "url"} or line.target is None:
        return False
    return not line.address.partition("#")[0].lower().endswith(".whl")
