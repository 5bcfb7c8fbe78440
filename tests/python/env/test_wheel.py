"""Packing and unpacking our own wheel."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import zipfile
from pathlib import Path

import pytest

from synapse_worker.env.errors import ModuleEnvironmentError
from synapse_worker.env.wheel import pack_package, unpack_wheel

PACKAGE = Path(__file__).parents[3] / "python_side" / "synapse_worker"


def test_equal_files_give_an_equal_wheel_without_what_running_leaves(tmp_path: Path) -> None:
    copy = tmp_path / "synapse_worker"
    (copy / "__pycache__").mkdir(parents=True)
    (copy / "__pycache__" / "a.pyc").write_bytes(b"")
    (copy / "a.py").write_text("A = 1\n")
    first = pack_package(copy, "0.1.0")
    (copy / "a.py").touch()
    assert pack_package(copy, "0.1.0") == first
    names = zipfile.ZipFile(io.BytesIO(first)).namelist()
    assert names == [
        "synapse_worker/a.py",
        "synapse_worker-0.1.0.dist-info/METADATA",
        "synapse_worker-0.1.0.dist-info/WHEEL",
        "synapse_worker-0.1.0.dist-info/RECORD",
    ]


def test_every_installed_file_is_what_record_says(tmp_path: Path) -> None:
    unpack_wheel(pack_package(PACKAGE, "0.1.0"), tmp_path)
    record = tmp_path / "synapse_worker-0.1.0.dist-info" / "RECORD"
    rows = {name: digest for name, digest, _ in csv.reader(record.read_text().splitlines())}
    installed = {p.relative_to(tmp_path).as_posix() for p in tmp_path.rglob("*") if p.is_file()}
    assert set(rows) == installed
    for name, digest in rows.items():
        content = (tmp_path / name).read_bytes()
        sha = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
        assert digest in {f"sha256={sha}", ""}
    assert [name for name, digest in rows.items() if not digest] == [
        "synapse_worker-0.1.0.dist-info/RECORD"
    ]


def test_what_is_installed_requires_nothing_whatever_the_wheel_says(tmp_path: Path) -> None:
    packed = zipfile.ZipFile(io.BytesIO(pack_package(PACKAGE, "0.1.0")))
    metadata = "synapse_worker-0.1.0.dist-info/METADATA"
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in packed.namelist():
            content = packed.read(name)
            if name == metadata:
                content += b"Requires-Dist: msgspec>=0.18\nKeywords: x\n\nRequires-Dist: is text\n"
            archive.writestr(name, content)
    unpack_wheel(buffer.getvalue(), tmp_path)
    written = (tmp_path / metadata).read_bytes()
    assert b"msgspec" not in written
    assert written.endswith(b"\nKeywords: x\n\nRequires-Dist: is text\n")
    digest = base64.urlsafe_b64encode(hashlib.sha256(written).digest()).rstrip(b"=").decode()
    record = (tmp_path / metadata).with_name("RECORD").read_text()
    assert f"{metadata},sha256={digest},{len(written)}" in record
    assert record.count(metadata) == 1


def test_an_older_version_goes_completely_and_nothing_else_does(tmp_path: Path) -> None:
    for name in ("synapse_worker/old.py", "synapse_worker-0.0.1.dist-info/RECORD", "other.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")
    unpack_wheel(pack_package(PACKAGE, "0.1.0"), tmp_path)
    assert not (tmp_path / "synapse_worker" / "old.py").exists()
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "other.py",
        "synapse_worker",
        "synapse_worker-0.1.0.dist-info",
    ]


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (["synapse_worker/worker/launch.py", "synapse_worker/../../x", "D/RECORD"], "the path"),
        (["synapse_worker/worker/launch.py", "evil.py", "D/RECORD"], "top-level"),
        (["synapse_worker/worker/launch.py"], "top-level"),
        (["synapse_worker/a.py", "D/RECORD"], "it lacks"),
    ],
)
def test_what_is_not_our_wheel_is_refused(tmp_path: Path, names: list[str], said: str) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in names:
            archive.writestr(name.replace("D/", "synapse_worker-0.1.0.dist-info/"), "")
    with pytest.raises(ModuleEnvironmentError, match=said) as caught:
        unpack_wheel(buffer.getvalue(), tmp_path / "lib")
    assert caught.value.code == "BUILD_FAILED"
    assert not (tmp_path / "x").exists()
