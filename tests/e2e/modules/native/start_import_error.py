"""Counts its starts, then cannot serve."""

import pathlib

from synapse_worker import Module  # noqa: F401

with pathlib.Path(__file__).with_name("starts-import_error.txt").open("a") as starts:
    starts.write("started\n")

import a_package_that_is_nowhere  # noqa: F401
