"""A file beside the entrypoints: importable because the first search path is their folder."""

ANSWER = 42
