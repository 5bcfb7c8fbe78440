"""Both libraries pass every test of values; the one in use is chosen by the environment alone."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from synapse_worker.protocol.codec import msgpack_binding, msgspec_binding


@pytest.fixture(params=[msgspec_binding.binding, msgpack_binding.binding], ids=lambda b: b.name)
def codec(request):
    return request.param


ROOT = Path(__file__).parents[3]
COMPILER = ROOT / "js/node_modules/typescript/bin/tsc"
needs_node = pytest.mark.skipif(
    shutil.which("node") is None or not COMPILER.exists(),
    reason="needs node and the npm packages: make setup",
)


@pytest.fixture(scope="package")
def compiled(tmp_path_factory):
    """The protocol of the JavaScript wing, compiled from its sources as they are."""
    folder = tmp_path_factory.mktemp("protocol")
    subprocess.run(
        [
            "node",
            COMPILER,
            *("-p", ROOT / "js/tsconfig.json"),
            *("--rootDir", ROOT / "js/src"),
            *("--outDir", folder),
            "--noCheck",
            *("--declaration", "false"),
        ],
        check=True,
        timeout=120,
    )
    (folder / "package.json").write_text('{"type": "module"}')
    return folder / "core/protocol"
