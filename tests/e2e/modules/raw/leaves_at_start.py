"""Exits with a code before it reads anything."""

import pathlib
import sys

with pathlib.Path(__file__).with_name("starts.txt").open("a") as starts:
    starts.write("started\n")

sys.exit(7)
