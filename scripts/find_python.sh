#!/bin/sh
# Prints a Python >= 3.10 that can be run: $PYTHON when set, else the usual names on PATH.
for name in ${PYTHON:-python3 python python3.14 python3.13 python3.12 python3.11 python3.10}; do
    if "$name" -I -S -c 'import sys; sys.exit(sys.version_info < (3, 10))' 2>/dev/null; then
        exec "$name" -I -S -c 'import sys; print(sys.executable)'
    fi
done
echo "Synapse needs Python 3.10 or newer. On Debian and Ubuntu: apt install python3" >&2
exit 1
