"""Ends in good order without having read anything."""

print("nothing to do")
