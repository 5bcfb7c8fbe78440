"""The version of this package, in the one place that the build, the command line and the handshake read."""

__version__ = "0.1.0"
