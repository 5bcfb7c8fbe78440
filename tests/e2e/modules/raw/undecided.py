"""Speaks of synapse_worker, makes no Module, reads no channel: nobody can know what it is."""

print("synapse_worker is mentioned here only")
