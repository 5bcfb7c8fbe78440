"""Reads the PEP 723 block of a script: `# /// script` … `# ///`."""

from __future__ import annotations

import re

from ..errors import REQUIREMENTS_INVALID, ModuleEnvironmentError
from .toml import TomlError, parse_toml

# The reference expression of PEP 723.
_BLOCK = re.compile(
    r"(?m)^# /// (?P<type>[a-zA-Z0-9-]+)[ \t]*\r?$\s(?P<content>(^#(| .*)\r?$\s)+)^# ///[ \t]*\r?$"
)


def inline_dependencies(source: str, name: str) -> tuple[str, ...] | None:
    """Return the dependencies a script declares in itself, or None without such a block.

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
        dependencies = parse_toml(content).get("dependencies", [])
    except TomlError as problem:
        raise _invalid(name, str(problem)) from problem
    if not isinstance(dependencies, list) or not all(isinstance(d, str) for d in dependencies):
        raise _invalid(name, "dependencies must be a list of strings")
    return tuple(dependencies)


def _invalid(name: str, problem: str) -> ModuleEnvironmentError:
    return ModuleEnvironmentError(
        REQUIREMENTS_INVALID,
        f'The script block (PEP 723) of "{name}" is not usable: {problem}.',
        hint='It should read `# /// script`, `# dependencies = ["numpy"]`, `# ///`.',
    )
