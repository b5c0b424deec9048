"""A minimal fork server for the attacks: enter containment, run each attack in a forked child, say what is left.

Started as `python zygote.py PAYLOAD SOCKET_FD BEFORE AFTER` in any supported Python; speaks one JSON object a line. BEFORE and AFTER are source to run on either
side of the entrance.
"""

import hashlib
import importlib.util
import json
import os
import socket
import stat
import sys
import time
import types


def main(payload, descriptor, before_entering, after_entering):
    sys.dont_write_bytecode = True
    del sys.path[0]  # The attacks are named as they please.
    spec = importlib.util.spec_from_file_location(
        "payload_", payload + "/__init__.py", submodule_search_locations=[payload]
    )
    sys.modules["payload_"] = importlib.util.module_from_spec(spec)
    exec(before_entering, {})  # noqa: S102
    from payload_ import containment

    lines = socket.socket(fileno=descriptor).makefile("rw")
    try:
        contained = containment.enter(json.loads(lines.readline()))
    except containment.ContainmentError as error:
        answer(lines, {"refused": str(error)})
        return
    exec(after_entering, {})  # noqa: S102
    answer(lines, {"level": contained.level, "root": contained.root, "scratch": contained.scratch})
    for line in lines:
        request = json.loads(line)
        answer(lines, {**run(contained, request, lines), "view": listing(contained)})


def answer(lines, message):
    lines.write(json.dumps(message) + "\n")
    lines.flush()


def run(contained, request, lines):
    """Run the source in a fork; return how it ended and what it says has escaped."""
    reading, writing = os.pipe()
    began = time.monotonic()
    contained.before_run()
    child = os.fork()
    if child == 0:
        os.close(reading)
        be_child(contained, request, writing, lines)
    os.close(writing)
    deadline = began + request["wall_s"]
    timed_out = False
    while os.waitid(os.P_PID, child, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
        if time.monotonic() > deadline and not timed_out:
            timed_out = True
            os.kill(child, 9)
        time.sleep(0.002)
    status = os.waitpid(child, 0)[1]
    contained.after_run()
    text = b""
    while part := os.read(reading, 65536):
        text += part
    os.close(reading)
    return {
        "status": status,
        "timed_out": timed_out,
        "escaped": text.decode().split("\n")[:-1],
        "seconds": time.monotonic() - began,
    }


def be_child(contained, request, writing, lines):
    try:
        lines.close()
        os.dup2(os.memfd_create("output"), 1)
        contained.limit_run(request["cpu_s"])

        def escaped(text):
            os.write(writing, (text + "\n").encode())

        attack = sys.modules["attack"] = types.ModuleType("attack")
        vars(attack).update({**request["names"], "escaped": escaped, "ROOT": contained.root})
        exec(compile(request["source"], request["name"], "exec"), {"__name__": "__main__"})  # noqa: S102
    finally:
        os._exit(0)


def listing(contained):
    """Return what is in the project and in the temporary directories: mode, time, content."""
    found = {}
    for root in (contained.root, contained.scratch):
        for folder, folders, files in os.walk(root):
            for name in [".", *folders, *files]:
                path = os.path.normpath(os.path.join(folder, name))
                found[path] = describe(path)
    return found


def describe(path):
    status = os.lstat(path)
    content = ""
    if stat.S_ISLNK(status.st_mode):
        content = os.readlink(path)
    elif stat.S_ISREG(status.st_mode):
        with open(path, "rb") as file:
            content = hashlib.sha256(file.read()).hexdigest()
    return [oct(status.st_mode), status.st_mtime_ns, content]


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4])
