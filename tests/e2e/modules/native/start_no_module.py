"""Counts its starts, then cannot serve."""

import pathlib

from synapse_worker import Module  # noqa: F401

with pathlib.Path(__file__).with_name("starts-no_module.txt").open("a") as starts:
    starts.write("started\n")

print("there is no app here")
