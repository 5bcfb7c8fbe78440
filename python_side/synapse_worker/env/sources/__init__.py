"""Reads what a module says about itself: its settings, what it asks for, and the files that say so."""
