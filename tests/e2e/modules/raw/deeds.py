"""Does what the request says, then answers: {"do": name, …}. One deed for each way a script can misbehave."""

import ctypes
import os
import signal
import struct
import subprocess
import sys
import threading
import time

import msgpack

counter = 0


def write_reply(value):
    packed = msgpack.packb(value)
    sys.stdout.buffer.write(struct.pack("<I", len(packed)) + packed)
    sys.stdout.buffer.flush()


def write_reply_in_bits(value):
    packed = msgpack.packb(value)
    for byte in struct.pack("<I", len(packed)) + packed:
        sys.stdout.buffer.write(bytes([byte]))
        sys.stdout.buffer.flush()


def facts():
    return {
        "name": __name__,
        "file": __file__,
        "argv": sys.argv,
        "path0": sys.path[0],
        "cwd": os.getcwd(),
        "prefix": sys.prefix,
        "pid": os.getpid(),
        "stdin_is_a_tty": sys.stdin.isatty(),
        "main_is_this_module": sys.modules["__main__"].__dict__ is globals(),
    }


def deed(request):
    global counter
    counter += 1
    match request["do"]:
        case "echo":
            return request.get("value")
        case "count":
            return counter
        case "facts":
            return facts()
        case "print":
            print(request["text"])
        case "print_without_newline":
            print(request["text"], end="")
        case "print_wildly":
            for _ in range(request["lines"]):
                print("x" * 200)
        case "write_text":
            sys.stdout.write(request["text"])
            sys.stdout.flush()
        case "os_write":
            os.write(1, request["text"].encode())
        case "stderr":
            sys.stderr.write(request["text"])
            sys.stderr.flush()
        case "stderr_bytes":
            for part in request["parts"]:
                os.write(2, part)
        case "child_echo":
            subprocess.run(["/bin/echo", request["text"]], check=True)
        case "child_reads":
            done = subprocess.run(["/bin/cat"], capture_output=True, check=True, timeout=20)
            return done.stdout.decode()
        case "os_system":
            os.system(f"echo {request['text']}")
        case "fork":
            child = os.fork()
            if child == 0:
                print(request["text"])
                sys.stdout.flush()
                sys.stdout.buffer.write(b"\xff\xff\xff\xffnot for you")
                sys.stdout.buffer.flush()
                os._exit(0)
            os.waitpid(child, 0)
        case "printf":
            libc = ctypes.CDLL(None)
            libc.printf(b"%s\n", request["text"].encode())
            libc.fflush(None)
        case "printf_unflushed":
            ctypes.CDLL(None).printf(b"%s\n", request["text"].encode())
        case "thread_prints":
            threads = [
                threading.Thread(target=lambda: [print("from a thread") for _ in range(100)])
                for _ in range(4)
            ]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        case "raise":
            raise ValueError(request["text"])
        case "raise_chained":
            try:
                raise KeyError("inner cause")
            except KeyError as inner:
                raise RuntimeError(request["text"]) from inner
        case "exit":
            sys.exit(request.get("code"))
        case "os_exit":
            os._exit(request["code"])
        case "kill":
            os.kill(os.getpid(), getattr(signal, request["signal"]))
            time.sleep(60)
        case "segfault":
            ctypes.string_at(0)
        case "sleep":
            time.sleep(request["seconds"])
        case "spin":
            while True:
                pass
        case "unencodable":
            return object()
        case "many_bytes":
            return b"x" * request["bytes"]
        case "grandchild":
            child = subprocess.Popen(["/bin/sleep", "300"])
            return {"pid": os.getpid(), "grandchild": child.pid}
        case other:
            raise LookupError(other)
    return "done"


if __name__ == "__main__":
    while True:
        head = sys.stdin.buffer.read(4)
        if not head:
            break
        request = msgpack.unpackb(sys.stdin.buffer.read(int.from_bytes(head, "little")))
        if request["do"] == "answer_in_bits":
            write_reply_in_bits(request["value"])
        elif request["do"] == "answer_then_exit":
            write_reply(request.get("value"))
            sys.exit(0)
        elif request["do"] == "answer_then_crash":
            write_reply(request.get("value"))
            raise RuntimeError("after the reply")
        elif request["do"] == "never_answer":
            continue
        elif request["do"] == "broken_reply":
            sys.stdout.buffer.write(struct.pack("<I", 3) + b"\xc1\xc1\xc1")
            sys.stdout.buffer.flush()
        elif request["do"] == "absurd_length":
            sys.stdout.buffer.write(b"\xff\xff\xff\xff")
            sys.stdout.buffer.flush()
        elif request["do"] == "half_a_reply":
            sys.stdout.buffer.write(struct.pack("<I", 100) + b"half")
            sys.stdout.buffer.flush()
            os._exit(0)
        else:
            write_reply(deed(request))
