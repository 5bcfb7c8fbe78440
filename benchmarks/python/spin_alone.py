"""The limit of a pool: `spin_alone.py ROUNDS MILLISECONDS` works so long and prints what each piece of work took."""

import json
import sys
from time import perf_counter

from work import spin

rounds, for_ms = int(sys.argv[1]), float(sys.argv[2])
spin(rounds)
taken: list[float] = []
began = last = perf_counter()
while (last - began) * 1000 < for_ms:
    spin(rounds)
    now = perf_counter()
    taken.append((now - last) * 1000)
    last = now
print(json.dumps(taken))
