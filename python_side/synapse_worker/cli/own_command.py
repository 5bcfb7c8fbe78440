"""How our own command is typed by whoever reads it: npm puts nothing on PATH, `npx` finds it."""

from __future__ import annotations

import os
import re

_COMMAND = r"synapse (?=(?:--help|bundle|call|dev|doctor|env|generate|init|schema)\b)"
_TO_PASTE = re.compile(rf"(?<!npx )\b{_COMMAND}")
_IN_A_SENTENCE = re.compile(rf"(?<=`){_COMMAND}")


def to_paste(text: str) -> str:
    """Return a command, or several, as they are typed where npm has installed us."""
    return _TO_PASTE.sub("npx synapse ", text)


def as_typed(sentence: str) -> str:
    """Return a sentence with the commands in it (between backticks) as they are typed here."""
    # Our npm package names its runtime to the command line that it starts; pip's does not.
    came_from_npm = bool(os.environ.get("SYNAPSE_RUNTIME_DIR"))
    return _IN_A_SENTENCE.sub("npx synapse ", sentence) if came_from_npm else sentence
