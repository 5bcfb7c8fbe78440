"""Reads the PEP 723 block of a script: `# /// script` … `# ///`."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..errors import REQUIREMENTS_INVALID, ModuleEnvironmentError
from .toml import TomlError, parse_toml

# The reference expression of PEP 723; a block without an end is none, as it demands.
_BLOCK = re.compile(
    r"(?m)^# /// (?P<type>[a-zA-Z0-9-]+)[ \t]*\r?$\s(?P<content>(^#(| .*)\r?$\s)+)^# ///[ \t]*\r?$"
)


@dataclass(frozen=True)
class InlineMetadata:
    """What a script says of its own environment."""

    dependencies: tuple[str, ...]
    requires_python: str | None


def inline_metadata(source: str, name: str) -> InlineMetadata | None:
    """Return what a script declares in itself, or None without such a block.

    Raises:
        ModuleEnvironmentError: the block is malformed (`REQUIREMENTS_INVALID`).
    """
    blocks = [match for match in _BLOCK.finditer(source) if match.group("type") == "script"]
    if not blocks:
        return None
    if len(blocks) > 1:
        raise _invalid(name, "it has more than one script block")
    lines = blocks[0].group("content").splitlines()
    content = "\n".join(line[2:] if line.startswith("# ") else line[1:] for line in lines)
    try:
        metadata = parse_toml(content)
    except TomlError as problem:
        raise _invalid(name, str(problem)) from problem
    dependencies = metadata.get("dependencies", [])
    if not isinstance(dependencies, list) or not all(isinstance(d, str) for d in dependencies):
        raise _invalid(name, "dependencies must be a list of strings")
    requires_python = metadata.get("requires-python")
    if requires_python is not None and not isinstance(requires_python, str):
        raise _invalid(name, 'requires-python must be a string such as ">=3.11"')
    tool = metadata.get("tool", {})
    if isinstance(tool, dict) and "synapse" in tool:
        raise _invalid(name, "[tool.synapse] belongs into pyproject.toml, beside the script")
    return InlineMetadata(tuple(dependencies), requires_python)


def _invalid(name: str, problem: str) -> ModuleEnvironmentError:
    return ModuleEnvironmentError(
        REQUIREMENTS_INVALID,
        f'The script block (PEP 723) of "{name}" is not usable: {problem}.',
        hint='It should read `# /// script`, `# dependencies = ["numpy"]`, `# ///`.',
    )
