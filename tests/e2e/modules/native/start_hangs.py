"""Hangs while it is imported."""

import os
import pathlib
import time

from synapse_worker import Module

pathlib.Path(__file__).with_name("hangs.pid").write_text(str(os.getpid()))
time.sleep(300)
app = Module()
