"""What runs in the module's own interpreter: the native dispatcher and the raw launcher.

`launch.py` is the entry of a worker process. Importing this package costs nothing: a raw
script's launcher must not pay for the native runtime, nor the other way round.
"""
