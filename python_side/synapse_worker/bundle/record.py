"""Keeps the RECORD files of installed packages true after files were changed or taken away."""

from __future__ import annotations

import base64
import csv
import io
import posixpath
from typing import TYPE_CHECKING

from .manifest import sha256_of

if TYPE_CHECKING:
    from pathlib import Path


def update_records(site_packages: Path) -> None:
    """Write every RECORD again: the files that are there, in order, with their hashes and sizes."""
    for record in sorted(site_packages.glob("*.dist-info/RECORD")):
        _update(record, site_packages)


def _update(record: Path, site_packages: Path) -> None:
    own_name = record.relative_to(site_packages).as_posix()
    rows = csv.reader(record.read_text(encoding="utf-8", errors="surrogateescape").splitlines())
    names = sorted({posixpath.normpath(row[0]) for row in rows if row} - {own_name})
    files = {name: site_packages / name for name in names if not name.endswith(".pyc")}
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    for name, path in files.items():
        if path.is_file():
            writer.writerow((name, f"sha256={_digest(path)}", path.stat().st_size))
    writer.writerow((own_name, "", ""))
    # As a new file: that of our runtime may be one with the cache's and other environments'.
    written = record.with_name("RECORD.new")
    written.write_text(text.getvalue(), encoding="utf-8", errors="surrogateescape")
    written.replace(record)


def _digest(path: Path) -> str:
    digest = base64.urlsafe_b64encode(bytes.fromhex(sha256_of(path)))
    return digest.rstrip(b"=").decode()
