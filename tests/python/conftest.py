"""What every Python suite shares."""

# Pytest's plugin of hypothesis imports it only for its summary; by then a suite that raises in
# signal handlers may have left CPython 3.11's compiler unable to (gh-106905).
import hypothesis  # noqa: F401
