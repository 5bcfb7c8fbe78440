"""Packs and unpacks our own wheel. Standard library only, and only what unpacks into purelib as it is.

Installing is unpacking into purelib with a RECORD that tells the truth, so that pip and uv see, and
can remove, a properly installed distribution. Packing serves a plain Python installation, which has
no wheel file at hand: the package's own files are the source, and equal files give equal bytes.
"""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import shutil
import zipfile
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from .errors import BUILD_FAILED, ModuleEnvironmentError

if TYPE_CHECKING:
    from collections.abc import Iterable

DISTRIBUTION = "synapse_worker"
# What a worker process is started with; a wheel without it is of no use.
LAUNCHER = f"{DISTRIBUTION}/worker/launch.py"
INSTALLER = b"synapse\n"
# The earliest time a zip entry can carry: equal files give an equal wheel.
_EPOCH = (1980, 1, 1, 0, 0, 0)
_UNPACKED = frozenset({"__pycache__", "_runtime"})


def pack_package(package: Path, version: str) -> bytes:
    """Return a wheel of an installed or checked-out package folder, the same bytes every time."""
    dist_info = f"{DISTRIBUTION}-{version}.dist-info"
    files = {
        path.relative_to(package.parent).as_posix(): path.read_bytes()
        for path in sorted(package.rglob("*"))
        if path.is_file() and not _UNPACKED.intersection(path.relative_to(package).parts)
    }
    files[f"{dist_info}/METADATA"] = (
        f"Metadata-Version: 2.1\nName: synapse-worker\nVersion: {version}\nRequires-Python: >=3.10\n"
    ).encode()
    files[f"{dist_info}/WHEEL"] = (
        b"Wheel-Version: 1.0\nGenerator: synapse\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    )
    record = f"{dist_info}/RECORD"
    files[record] = _record(_rows(files), record)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name, _EPOCH), content)
    return buffer.getvalue()


def unpack_wheel(wheel: bytes, purelib: Path) -> None:
    """Install our wheel into purelib, in place of whatever version was there.

    Raises:
        ModuleEnvironmentError: it is not a wheel of ours (`BUILD_FAILED`).
        OSError: purelib cannot be written.
    """
    remove_installed(purelib)
    with zipfile.ZipFile(io.BytesIO(wheel)) as archive:
        names = [name for name in archive.namelist() if not name.endswith("/")]
        dist_info = _dist_info(names)
        targets = {name: purelib.joinpath(*_safe_parts(name)) for name in names}
        metadata = f"{dist_info}/METADATA"
        changed = {f"{dist_info}/INSTALLER": INSTALLER}
        if metadata in names:
            changed[metadata] = _without_requirements(archive.read(metadata))
        # One by one: purelib itself must not come to life again where it has been deleted meanwhile.
        parents = {folder for name in names for folder in PurePosixPath(name).parents}
        for folder in sorted(parents - {PurePosixPath()}):
            purelib.joinpath(folder).mkdir(exist_ok=True)
        for name, target in targets.items():
            target.write_bytes(archive.read(name))
    for name, content in changed.items():
        purelib.joinpath(name).write_bytes(content)
    _update_record(purelib / dist_info / "RECORD", changed)


def remove_installed(purelib: Path) -> None:
    """Remove an installed version of ours: the package folder and its metadata are ours alone."""
    for path in [purelib / DISTRIBUTION, *purelib.glob(f"{DISTRIBUTION}-*.dist-info")]:
        if path.is_dir():
            shutil.rmtree(path)


def _without_requirements(metadata: bytes) -> bytes:
    """Return metadata that requires nothing: what we need is private, so `pip check` would miss it."""
    head, blank, body = metadata.partition(b"\n\n")
    lines = [line for line in head.split(b"\n") if not line.lower().startswith(b"requires-dist:")]
    return b"\n".join(lines) + blank + body


def _update_record(record: Path, changed: dict[str, bytes]) -> None:
    """Let RECORD tell the truth about files that are not as they were in the wheel."""
    text = record.read_text(encoding="utf-8")
    kept = [row for row in csv.reader(text.splitlines()) if row and row[0] not in changed]
    with record.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([*kept, *_rows(changed)])


def _dist_info(names: list[str]) -> str:
    folders = {name.split("/")[0] for name in names}
    ours = [folder for folder in folders if folder.endswith(".dist-info")]
    if LAUNCHER not in names:
        raise _not_ours(f'it lacks "{LAUNCHER}"')
    if len(ours) != 1 or folders != {DISTRIBUTION, ours[0]} or f"{ours[0]}/RECORD" not in names:
        raise _not_ours(f"its top-level folders are {sorted(folders)}")
    return ours[0]


def _safe_parts(name: str) -> tuple[str, ...]:
    parts = PurePosixPath(name).parts
    if name.startswith("/") or ".." in parts or "\\" in name:
        raise _not_ours(f'it holds the path "{name}"')
    return parts


def _not_ours(problem: str) -> ModuleEnvironmentError:
    return ModuleEnvironmentError(
        BUILD_FAILED,
        f"The runtime wheel is not one of ours: {problem}.",
        hint="Reinstall the synapse-worker package; its files are damaged.",
    )


def _rows(files: dict[str, bytes]) -> Iterable[tuple[str, str, str]]:
    for name, content in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
        yield name, f"sha256={digest}", str(len(content))


def _record(rows: Iterable[tuple[str, str, str]], own_name: str) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerows(rows)
    writer.writerow((own_name, "", ""))
    return text.getvalue().encode()
