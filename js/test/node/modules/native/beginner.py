"""No module: a process that begins ids one after another as fast as it can, with pauses, as a worker begins calls.

It writes into a file of its own what became of each: `r` for run, `d` for dropped. It takes the seed of its pauses
and how many ids there are, says the number of its ledger, and begins when it is told how far Node has come.
"""

import mmap
import os
import random
import sys
import time

from synapse_worker.worker.call_ledger import CallLedger

seed, count, path = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
ledger = CallLedger()
with open(path, "r+b") as file:
    fates = mmap.mmap(file.fileno(), count + 1)
print(ledger.share(), flush=True)
sys.stdin.readline()

chance = random.Random(seed)
words = ledger.words
call_id = 0
while call_id < count:
    burst = min(chance.randrange(1, 400), count - call_id)
    for left in range(burst, 0, -1):
        call_id += 1
        words[0] = call_id
        if left == 1:
            # Where the processor may be taken from a worker at any time: between the two.
            time.sleep(chance.choice((0, 0.0001, 0.0005, 0.001, 0.0015, 0.002, 0.003)))
        if call_id > words[1] or not ledger.is_recalled(call_id):
            fates[call_id] = ord("r")
        else:
            fates[call_id] = ord("d")
os._exit(0)
