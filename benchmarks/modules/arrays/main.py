"""Buffers as numpy has them: what a method gets is a view of what has come, without a copy."""

import os
import time
from functools import cache

import numpy as np

from synapse_worker import Module

app = Module()


@cache
def zeros(size):
    return np.zeros(size, np.uint8)


@app.method
def fetch_bytes(size):
    return zeros(size)


@app.method
def send_bytes(array):
    return array.nbytes


@app.method
def echo(array):
    return array


@app.method
def rest(seconds):
    time.sleep(seconds)


@app.method
def pid():
    return os.getpid()
