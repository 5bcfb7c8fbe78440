"""Fails in its setup hook."""

import pathlib

from synapse_worker import Module

app = Module()


@app.setup
def load() -> None:
    """Fail, as a missing model does."""
    with pathlib.Path(__file__).with_name("starts-setup_fails.txt").open("a") as starts:
        starts.write("started\n")
    raise FileNotFoundError("weights.bin")
