"""Makes no Module and reads no channel: nobody can serve it."""

print("nothing to see")
