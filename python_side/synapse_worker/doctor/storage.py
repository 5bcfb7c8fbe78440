"""May the folders that builds write be written, is there room, and do their file systems behave?

Nothing is tried out: the kernel is asked, so that an examination leaves no trace.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from ..env.errors import ModuleEnvironmentError
from ..env.homes import cached_home, is_writable
from ..env.layout import cache_directory
from .finding import command, error, info, ok, warning
from .mounts import mount_of

if TYPE_CHECKING:
    from .finding import Findings
    from .request import DoctorRequest

# A module with numpy and pandas takes 300 MB, twice that while it is exchanged.
_LITTLE_BYTES = 2**30
_TOO_LITTLE_BYTES = 100 * 2**20
_FEW_INODES = 10_000
_NETWORK = {"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "fuse.sshfs", "afs", "ceph", "glusterfs"}


def examine_storage(request: DoctorRequest) -> Findings:
    """Check the cache folder and the folder for temporary files."""
    try:
        yield from examine_folder(
            "storage.cache", "The cache folder", cache_directory(), _CACHE_FIX
        )
    except ModuleEnvironmentError as problem:
        yield error("storage.cache", problem.message, _CACHE_FIX)
    temporary = _temporary_folder(request)
    yield from examine_folder(
        "storage.temporary",
        "The folder for temporary files",
        temporary,
        "export TMPDIR=/path/to/a/writable/folder",
    )


_CACHE_FIX = "export SYNAPSE_CACHE_DIR=/path/to/a/writable/folder"
_FOLDER_FIX = "Make it writable, or build beforehand as a user who may write: "


def _temporary_folder(request: DoctorRequest) -> Path:
    """Return what `tempfile` would choose; it would write a file to find out."""
    named = (request.environ.get(name) for name in ("TMPDIR", "TEMP", "TMP"))
    folders = [Path(name) for name in (*named, "/tmp", "/var/tmp", "/usr/tmp") if name]
    usable = (
        path for path in folders if os.path.isdir(path) and os.access(path, os.W_OK | os.X_OK)
    )
    return next(usable, folders[0])


def examine_module_folder(directory: Path) -> Findings:
    """Check a module's folder; where it cannot be written, its environment has a home in the cache."""
    fix = f"{_FOLDER_FIX}{command('synapse', 'env', 'sync', directory)}"
    if is_writable(directory):
        yield from examine_folder("module.folder", "Its folder", directory, fix)
        return
    try:
        home = cached_home(Path(os.path.realpath(directory)))
    except ModuleEnvironmentError:
        return  # the check of the cache says it
    yield info(
        "module.folder.permission",
        f"Its folder cannot be written by this user: its environment is kept in {home}.",
        fix,
        home=str(home),
    )


def examine_folder(code: str, title: str, folder: Path, fix: str) -> Findings:
    """Check that a folder, or what it will be made in, can be written, has room and is no trap."""
    existing = nearest_existing(folder)
    if not os.path.isdir(existing):
        yield error(
            f"{code}.permission", f'{title} "{folder}" cannot be made: "{existing}" is a file.', fix
        )
        return
    if not os.access(existing, os.W_OK | os.X_OK):
        yield error(
            f"{code}.permission",
            f'{title} "{folder}" cannot be written by this user'
            f"{' (a read-only file system)' if _is_read_only(existing) else ''}.",
            fix,
            path=str(folder),
        )
        return
    problems = list(_room(code, title, existing)) + list(_file_system(code, title, existing))
    yield from problems
    if not any(found.severity in {"warning", "error"} for found in problems):
        free = shutil.disk_usage(existing).free
        yield ok(
            code,
            f"{title} {folder} can be written and has {_size(free)} left.",
            path=str(folder),
            free_bytes=free,
        )


def nearest_existing(path: Path) -> Path:
    """Return the path, or the nearest folder above it that is there."""
    path = Path(os.path.abspath(path))
    while not os.path.exists(path) and path != path.parent:
        path = path.parent
    return path


def _room(code: str, title: str, folder: Path) -> Findings:
    usage = shutil.disk_usage(folder)
    if usage.free < _LITTLE_BYTES:
        severity = error if usage.free < _TOO_LITTLE_BYTES else warning
        yield severity(
            f"{code}.space",
            f"{title} ({folder}) has {_size(usage.free)} left of {_size(usage.total)}.",
            command("df", "-h", folder),
            free_bytes=usage.free,
            total_bytes=usage.total,
        )
    counts = os.statvfs(folder)
    if counts.f_files > 0 and counts.f_favail < _FEW_INODES:
        yield warning(
            f"{code}.inodes",
            f"{title} ({folder}) has room for {counts.f_favail} more files only; an environment has thousands.",
            command("df", "-i", folder),
            free_files=counts.f_favail,
        )


def _file_system(code: str, title: str, folder: Path) -> Findings:
    if os.statvfs(folder).f_flag & getattr(os, "ST_NOEXEC", 0):
        yield warning(
            f"{code}.noexec",
            f"{title} ({folder}) is mounted noexec: compiled packages there cannot be loaded.",
            command("sudo", "mount", "-o", "remount,exec", _mount_point(folder)),
        )
    kind = mount_of(folder)
    if kind is not None and kind.kind in _NETWORK:
        yield info(
            f"{code}.network",
            f"{title} ({folder}) lies on a network file system ({kind.kind}): builds and first starts are slow there.",
            kind=kind.kind,
        )


def _mount_point(folder: Path) -> str:
    found = mount_of(folder)
    return str(found.point) if found else str(folder)


def _is_read_only(folder: Path) -> bool:
    return bool(os.statvfs(folder).f_flag & os.ST_RDONLY)


def _size(count: int) -> str:
    for unit in ("B", "kB", "MB"):
        if count < 1000:
            return f"{count} {unit}"
        count //= 1000
    return f"{count} GB"
