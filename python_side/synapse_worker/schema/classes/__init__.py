"""Classes that are known by their family: one file each. They know the walk, not the walker."""
