"""A language server that does on request what servers do at their worst. Run as a script by `test_client.py`."""

from __future__ import annotations

import json
import sys
import time


def send(message):
    body = json.dumps({"jsonrpc": "2.0", **message}).encode()
    sys.stdout.buffer.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
    sys.stdout.buffer.flush()


def receive():
    length = 0
    while (line := sys.stdin.buffer.readline()).strip():
        if line.lower().startswith(b"content-length:"):
            length = int(line.partition(b":")[2])
    return json.loads(sys.stdin.buffer.read(length)) if line else None


def main():
    heard = []
    while (message := receive()) is not None:
        heard.append(message.get("method"))
        request_id, params = message.get("id"), message.get("params")
        match message.get("method"):
            case "initialize" | "shutdown":
                send({"id": request_id, "result": {}})
            case "echo":
                send({"id": request_id, "result": params})
            case "late":
                send({"method": "$/progress", "params": {}})
                receive()  # The cancellation.
                send({"id": request_id, "result": "late"})
            case "heard":
                send({"id": request_id, "result": heard})
            case "ask":
                send({"id": "mine", "method": "workspace/configuration", "params": {"items": [{}, {}]}})
                send({"id": request_id, "result": receive()["result"]})
            case "fail":
                send({"id": request_id, "error": {"code": -32601, "message": "no"}})
            case "garbage":
                sys.stdout.buffer.write(b"Content-Length: 4\r\n\r\nnull")
                sys.stdout.buffer.write(b"Content-Length: many\r\n\r\n")
                sys.stdout.buffer.flush()
            case "die":
                return
            case "stall":
                time.sleep(60)
            case "exit":
                return


if __name__ == "__main__":
    main()
