"""Counts its starts in a file beside it, then fails before it reads anything."""

import pathlib

with pathlib.Path(__file__).with_name("starts.txt").open("a") as starts:
    starts.write("started\n")

raise RuntimeError("no model file at /nowhere")
