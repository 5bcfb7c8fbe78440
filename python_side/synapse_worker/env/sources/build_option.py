"""Refuses what a requirement says about its own build: pip alone knows it, and only where it installs that very line.

A resolution loses it, no lock keeps it, and uv and a TOML list do not take it.
"""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING

from ..errors import REQUIREMENTS_INVALID, ModuleEnvironmentError

if TYPE_CHECKING:
    from .requirement_line import RequirementLine

# Shortened (`--config=a=b`) and glued (`-Ca=b`) too: pip's parser of options takes both.
_BUILD_OPTION = re.compile(
    r"(?:^|\s)(?P<option>--(?:conf|glob|inst)[a-z-]*(?=[=\s]|$)|-C)", re.ASCII
)


def build_option(line: RequirementLine) -> str | None:
    """Return the option by which a requirement says how it is to be built, if it has one."""
    if not line.asks or line.kind == "include":
        return None
    found = _BUILD_OPTION.search(_behind_folder(line) if line.is_editable else line.text)
    return None if found is None else found.group("option")


def refuse_build_option(line: RequirementLine) -> None:
    """Refuse a requirement with such an option.

    Raises:
        ModuleEnvironmentError: it has one (`REQUIREMENTS_INVALID`).
    """
    option = build_option(line)
    if option is None:
        return
    # The setting of pip's own, PIP_CONFIG_SETTINGS, is not for what a file asks for.
    way = (
        "With uv, config-settings in uv.toml says it to all builds; with virtualenv nothing does."
        if option.startswith(("--conf", "-C"))
        else "No setting of uv or virtualenv replaces it."
    )
    raise ModuleEnvironmentError(
        REQUIREMENTS_INVALID,
        f'The requirements cannot be read: "{line.target or line.name}" has the option {option}, which '
        "says how this one is built: pip alone knows it, and no lock keeps it.",
        hint=f"Take it out of the line. {way} Build the wheel yourself and name its file in the "
        "requirements, or its folder with --find-links.",
    )


def _behind_folder(line: RequirementLine) -> str:
    """Return what follows the folder of an editable project: its name may look like an option."""
    target = line.target
    if not target:
        return ""  # `-e ; ` names none
    if target in line.text:
        return line.text.partition(target)[2]
    return " ".join(shlex.split(line.text)).partition(target)[2]
