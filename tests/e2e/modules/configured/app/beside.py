"""Beside the entrypoint."""

PRESENT = True
