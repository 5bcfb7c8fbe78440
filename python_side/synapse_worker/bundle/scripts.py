"""Makes the scripts in an environment's `bin` independent of where it stands.

Installers write the interpreter's absolute path into a script's first line. In its place comes the
form that `uv venv --relocatable` uses as well: a line that is a shell's `exec` of the interpreter in the
script's own folder, and a string to Python.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_HEADER = (
    b"#!/bin/sh\n"
    b'\'\'\'exec\' "$(dirname -- "$(realpath -- "$0")")"/\'python\' "$0" "$@"\n'
    b"' '''\n"
)
# What virtualenv and uv put there: made for one place, and for shells that nobody runs in a bundle.
_ACTIVATION = re.compile(r"^(?:activate.*|deactivate.*|pydoc\.bat)$", re.IGNORECASE)
_INTERPRETERS = re.compile(r"^(?:python|pypy)[\d.]*w?t?(?:\.exe)?$")
# `#!/…/bin/python`, or the same behind a shell where the path was too long for the kernel.
_SHEBANG = re.compile(rb"\A#![^\n]*?python[\d.]*[^\n]*\n")
_BEHIND_SHELL = re.compile(rb"\A#!/bin/sh\n'''exec' [^\n]*\n' '''\n")


def make_scripts_portable(bin_folder: Path) -> None:
    """Rewrite the scripts; remove activation and every interpreter: the link comes last."""
    for path in sorted(bin_folder.iterdir()):
        if _ACTIVATION.match(path.name) or _INTERPRETERS.match(path.name):
            path.unlink()
        elif path.is_file():
            _rewrite(path)


def _rewrite(path: Path) -> None:
    content = path.read_bytes()
    header = _BEHIND_SHELL.match(content) or _SHEBANG.match(content)
    if header is None:
        return
    # A new file: an installer may have linked it to its cache.
    fresh = path.with_name(f"{path.name}.new")
    fresh.write_bytes(_HEADER + content[header.end() :])
    fresh.chmod(0o755)
    fresh.replace(path)
