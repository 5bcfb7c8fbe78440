"""A native module whose import of the library no syntax tree shows."""

import importlib
import pathlib

with pathlib.Path(__file__).with_name("importlib-runs.txt").open("a") as runs:
    runs.write("run\n")

library = importlib.import_module("synapse" + "_worker")  # synapse_worker
app = library.Module()


@app.method
def ping() -> str:
    """Answer."""
    return "pong"
