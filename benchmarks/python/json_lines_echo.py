"""What python-shell's json mode expects: one JSON text a line, in and out."""

import json
import sys

for line in sys.stdin:
    print(json.dumps(json.loads(line)), flush=True)
