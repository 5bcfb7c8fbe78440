"""Writes a module's lock: what `resolution` has found, in our words, in place by one rename.

A resolution that fails has touched nothing, an unchanged result leaves the file as it is, and a kill leaves
the old lock: what is written first stands beside it under a name that the next lock removes.
"""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..build.lock_fit import current_platform
from ..errors import AS_ITS_OWNER, unwritable
from ..sources.lock_header import LockHeader
from ..sources.requirements import REQUIREMENTS_FILE
from .resolution import UNIVERSAL

if TYPE_CHECKING:
    from .resolution import Resolver
    from .source import LockSource

_STAGING_FILE = f".{REQUIREMENTS_FILE}-synapse-new"


@dataclass(frozen=True)
class LockResult:
    """What became of a lock."""

    path: Path
    header: LockHeader
    packages: int
    # False: the file held exactly this and was left alone.
    changed: bool


def write_lock(source: LockSource, resolver: Resolver) -> LockResult:
    """Lock a module's source in its requirements.txt; the caller holds the folder's lock.

    Raises:
        ModuleEnvironmentError: it cannot be locked, or not written.
        ToolError: the resolution failed.
    """
    lock = resolver.toolbox.directory / REQUIREMENTS_FILE
    path = Path(os.path.realpath(lock))
    staging = path.with_name(_STAGING_FILE)
    known = path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""
    entries = resolver.entries(source, known=known)
    header = _header(source, resolver)
    text = "".join((f"{header.render()}\n", *(entry.render() for entry in entries)))
    if text != known:
        try:
            staging.write_text(text, encoding="utf-8")
            if path.exists():
                shutil.copymode(path, staging)
            staging.replace(path)
        except OSError as problem:
            raise unwritable(path, problem, AS_ITS_OWNER) from problem
        finally:
            staging.unlink(missing_ok=True)
    return LockResult(lock, header, len(entries), text != known)


def _header(source: LockSource, resolver: Resolver) -> LockHeader:
    python = ".".join(map(str, resolver.base.version[:2]))
    if resolver.options.platform == UNIVERSAL:
        return LockHeader(source.file, source.sha256, f"{python}+", "any platform")
    platform = resolver.options.platform or current_platform()
    return LockHeader(source.file, source.sha256, python, platform)
