"""Counts its starts, then cannot serve."""

import pathlib

from synapse_worker import Module  # noqa: F401

with pathlib.Path(__file__).with_name("starts-exits.txt").open("a") as starts:
    starts.write("started\n")

raise SystemExit(4)
