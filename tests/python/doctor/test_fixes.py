"""What is to be pasted is spelled in one place: no fix puts a path into a command as it stands."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from synapse_worker import doctor
from synapse_worker.doctor.finding import command

ROOM = Path(doctor.__file__).parent
# A program's name, words, and then something that is filled in.
_SPELLED_BY_HAND = re.compile(r"""f["'](?:rm|mv|touch|df|sudo|python3|synapse) [^"']*\{""")


def test_a_command_keeps_every_word_whole() -> None:
    assert command("rm", "-rf", Path("/home/me/my cache")) == "rm -rf '/home/me/my cache'"


@pytest.mark.parametrize("path", sorted(ROOM.glob("*.py")), ids=lambda path: path.name)
def test_no_command_is_spelled_by_hand(path: Path) -> None:
    assert _SPELLED_BY_HAND.findall(path.read_text(encoding="utf-8")) == []
