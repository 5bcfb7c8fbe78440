"""Fill `js/python/`, the runtime folder that the npm package carries: `make runtime`.

It holds our wheel, pip's wheel (so that a Python without pip can install), the hash-locked lists of the
tools and of the codec, and `manifest.json`, which names each file with its sha256. Node and the
environment builder take everything from there, so an npm install needs nothing published on PyPI.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import re
import shutil
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from compile_hot_path import put_compiled_hot_path

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent
RUNTIME = ROOT / "js" / "python"
LOCKS = ROOT / "requirements" / "runtime"
DOWNLOADS = ROOT / ".make" / "downloads"


def main() -> None:
    """Stage into a fresh folder, then put it in place; an equal one is left alone."""
    (ROOT / ".make").mkdir(exist_ok=True)
    with alone(), tempfile.TemporaryDirectory(prefix="runtime-", dir=ROOT / ".make") as temporary:
        stage = Path(temporary) / "python"
        stage.mkdir()
        wheel = build_wheel(stage)
        files = {
            "wheel": wheel,
            "pip": shutil.copy2(fetch_pip(), stage),
            "tools": shutil.copy2(LOCKS / "tools.lock", stage),
            "codec": shutil.copy2(LOCKS / "codec.lock", stage),
        }
        manifest: dict[str, object] = {"version": wheel.name.split("-")[1]}
        for role, path in files.items():
            manifest[role] = {"file": Path(path).name, "sha256": sha256(Path(path))}
        text = json.dumps(manifest, indent=2) + "\n"
        if (RUNTIME / "manifest.json").is_file() and is_staged(text):
            print(f"{RUNTIME.relative_to(ROOT)} is up to date")
            return
        (stage / "manifest.json").write_text(text, encoding="utf-8")
        if RUNTIME.exists():
            RUNTIME.rename(Path(temporary) / "old")
        stage.rename(RUNTIME)
        print(f"staged {wheel.name} into {RUNTIME.relative_to(ROOT)}")


@contextmanager
def alone() -> Iterator[None]:
    """Wait until no other staging runs in this checkout: both put things beside the sources."""
    with (ROOT / ".make" / "runtime.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def is_staged(manifest: str) -> bool:
    """Say whether the folder in place has this manifest and every file it names, intact."""
    if (RUNTIME / "manifest.json").read_text(encoding="utf-8") != manifest:
        return False
    entries = [entry for entry in json.loads(manifest).values() if isinstance(entry, dict)]
    paths = {RUNTIME / entry["file"]: entry["sha256"] for entry in entries}
    return all(path.is_file() and sha256(path) == digest for path, digest in paths.items())


def build_wheel(target: Path) -> Path:
    """Build our wheel; equal sources give an equal file (hatchling pins times and modes)."""
    put_compiled_hot_path(ROOT / "python_side" / "synapse_worker" / "compiled")
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel"]
    command += ["--directory", str(target)]
    built = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)
    if built.returncode != 0:
        sys.exit(f"hatchling failed:\n{built.stdout}{built.stderr}")
    (wheel,) = target.glob("synapse_worker-*.whl")
    return wheel


def fetch_pip() -> Path:
    """Return pip's pinned wheel, downloaded once; its hash is checked by pip and again here."""
    lock = (LOCKS / "pip.lock").read_text(encoding="utf-8")
    allowed = set(re.findall(r"--hash=sha256:([0-9a-f]{64})", lock))
    version = re.search(r"^pip==(\S+)", lock, re.MULTILINE)
    assert version is not None, "requirements/runtime/pip.lock pins no pip"
    wheel = DOWNLOADS / f"pip-{version[1]}-py3-none-any.whl"
    if not wheel.is_file() or sha256(wheel) not in allowed:
        DOWNLOADS.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
        command += ["--only-binary", ":all:", "--require-hashes", "--dest", str(DOWNLOADS)]
        command += ["--requirement", str(LOCKS / "pip.lock"), "--disable-pip-version-check"]
        subprocess.run(command, check=True)
    return wheel


def sha256(path: Path) -> str:
    """Return the file's sha256 in hex."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


if __name__ == "__main__":
    main()
