"""The lock of a wheelhouse is good for pip alone, wherever the folder goes."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from typing import TYPE_CHECKING

from synapse_worker.env.build.steps import split_lock
from synapse_worker.env.locking.exported_lock import exported_lock

from ..conftest import write_wheel

if TYPE_CHECKING:
    from pathlib import Path


def test_its_lines_name_files_and_no_place(tmp_path: Path) -> None:
    wheelhouse = tmp_path / "wheelhouse"
    index = write_wheel(wheelhouse, "fromindex", "1.0")
    address = write_wheel(wheelhouse, "fromaddress", "2.0")
    beside = write_wheel(wheelhouse, "beside", "3.0")
    editable = write_wheel(wheelhouse / "local", "editable", "4.0")
    (wheelhouse / "main.zip").write_bytes(b"")
    sums = {
        path: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in (index, address, beside, editable)
    }
    folder = tmp_path / "module"
    (folder / "lib").mkdir(parents=True)
    beside_hash = f"--hash=sha256:{sums[beside]}"
    lines = [
        f"fromindex==1.0 --hash=sha256:{sums[index]}",
        f"x @ https://ada:hunter2@host.test/{address.name} --hash=sha256:{sums[address]}",
        f"./{beside.name} {beside_hash}",
        "y @ https://ada:hunter2@host.test/main.zip#sha256=" + "0" * 64,
        "w @ https://ada:hunter2@host.test/w-1-win.whl ; sys_platform == 'x' --hash=sha256:"
        + "0" * 64,
        "-e ../lib",
        "git+https://ada:hunter2@host.test/z.git",
    ]
    text = "\n".join(exported_lock(split_lock(lines, folder), wheelhouse))
    assert text.splitlines() == [
        "--find-links local",
        "fromindex==1.0 \\",
        f"    --hash=sha256:{sums[index]}",
        "fromaddress==2.0 \\",
        f"    --hash=sha256:{sums[address]}",
        "beside==3.0 \\",
        f"    {beside_hash}",
        "# In here, but to be installed by its path, as its name has no version: main.zip",
        "# Not in here, as this machine has no use for it: w-1-win.whl",
        "editable==4.0 \\",
        f"    --hash=sha256:{sums[editable]}",
    ]

    (wheelhouse / "requirements.txt").write_text(f"{text}\n")
    target = tmp_path / "installed"
    options = ["--no-index", "--find-links", ".", "-r", "requirements.txt", "--target", target]
    command = [sys.executable, "-I", "-m", "pip", "install", "--quiet", *options]
    subprocess.run(command, cwd=wheelhouse, check=True, capture_output=True)
    assert {path.name for path in target.glob("*.py")} == {
        *("fromindex.py", "fromaddress.py", "beside.py", "editable.py"),
    }
