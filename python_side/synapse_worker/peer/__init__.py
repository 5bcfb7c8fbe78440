"""A running connection: how frames are read and written, how both ends greet, who waits for what.

Nothing here starts a thread or opens a descriptor; the worker and the supervisor do.
"""
