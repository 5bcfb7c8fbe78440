"""The codec of an environment whose requirements have none: as little of it as serving takes, and all of it for who asks."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

import synapse_worker

OURS = Path(synapse_worker.__file__).parent.parent
THEIRS = Path(msgspec.__file__).parent

# An interpreter without any installed package, whose environment is a folder of the test's.
BARE = """
import json, sys
sys.prefix = sys.argv[1]
sys.path.append(sys.argv[2])
from synapse_worker.worker.private_codec import find_private_codec
find_private_codec()
"""


def told_by(code: str, prefix: Path) -> object:
    run = subprocess.run(
        [sys.executable, "-S", "-c", BARE + code, str(prefix), str(OURS)],
        capture_output=True,
        check=True,
        text=True,
    )
    return json.loads(run.stdout)


@pytest.fixture
def prefix(tmp_path: Path) -> Path:
    folder = tmp_path / "synapse" / "codec"
    folder.mkdir(parents=True)
    (folder / "msgspec").symlink_to(THEIRS)
    return tmp_path


def test_of_the_private_codec_a_worker_imports_the_c_part_alone(prefix: Path) -> None:
    code = """
from synapse_worker.protocol.codec import CODEC_NAME, decode_value, encode_value
import synapse_worker.conversion.native
assert decode_value(encode_value({"a": [1, b"2"]})) == {"a": [1, b"2"]}
find_private_codec()
print(json.dumps([CODEC_NAME, sorted(name for name in sys.modules if name.startswith("msgspec"))]))
"""
    assert told_by(code, prefix) == ["msgspec", ["msgspec._core", "msgspec._utils"]]


@pytest.mark.skipif(
    sys.platform != "linux" or sys.version_info < (3, 11),
    reason="elsewhere uuid asks more, or platform has to come",
)
def test_uuid_comes_without_platform_which_answers_whoever_asks_later(prefix: Path) -> None:
    code = """
came_along = "platform" in sys.modules
import uuid
asked = getattr(uuid, "platform", None)  # since 3.13 it does not even import it
machine = asked and asked.machine()
import platform
print(json.dumps([came_along, uuid._LINUX, uuid.uuid1().version, machine in (None, platform.machine())]))
"""
    assert told_by(code, prefix) == [False, True, 1, True]


def test_beside_a_thread_nothing_stands_in_for_platform(prefix: Path) -> None:
    waiting = """
import threading
gate = threading.Event()
threading.Thread(target=gate.wait, daemon=True).start()
"""
    code = """
import platform
print(json.dumps(["platform" in came, bool(platform.machine())]))
"""
    before = BARE.replace(
        "find_private_codec()\n", f"{waiting}find_private_codec()\ncame = set(sys.modules)\n"
    )
    run = subprocess.run(
        [sys.executable, "-S", "-c", before + code, str(prefix), str(OURS)],
        capture_output=True,
        check=True,
        text=True,
    )
    # Since 3.13 uuid does not ask.
    assert json.loads(run.stdout) == [sys.version_info < (3, 13), True]


def test_who_imports_it_after_that_gets_all_of_it_around_the_same_part(prefix: Path) -> None:
    code = """
from synapse_worker.protocol.codec.msgspec_core import Struct
import msgspec
class Point(msgspec.Struct):
    x: int
kept = msgspec.json.decode(msgspec.json.encode(Point(1)), type=Point).x
print(json.dumps([kept, msgspec.Struct is Struct, [f.name for f in msgspec.structs.fields(Point)]]))
"""
    assert told_by(code, prefix) == [1, True, ["x"]]


def test_another_of_that_name_is_not_built_around_our_part(prefix: Path, tmp_path: Path) -> None:
    foreign = tmp_path / "vendored" / "msgspec"
    foreign.mkdir(parents=True)
    (foreign / "__init__.py").write_text("from ._core import Struct\nforeign = True\n")
    code = f"""
sys.path.insert(0, {str(foreign.parent)!r})
import msgspec
print(json.dumps([hasattr(msgspec, "foreign"), msgspec.json.encode(1).decode()]))
"""
    assert told_by(code, prefix) == [False, "1"]


def test_without_one_nothing_is_in_its_place(tmp_path: Path) -> None:
    (tmp_path / "synapse" / "codec" / "msgspec").mkdir(parents=True)
    code = "print(json.dumps([name for name in sys.modules if name.startswith('msgspec')]))"
    assert told_by(code, tmp_path) == []
