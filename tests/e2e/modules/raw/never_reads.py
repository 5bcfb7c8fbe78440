"""Says where it is, then waits for something that never comes."""

import os
import pathlib
import time

pathlib.Path(__file__).with_name("never_reads.pid").write_text(str(os.getpid()))
while True:
    time.sleep(60)
