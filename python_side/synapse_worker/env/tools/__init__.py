"""Runs the outside tools of a build, and reads what they say: progress, failures, nothing secret."""
