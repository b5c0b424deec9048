# tiers: namespaces landlock
"""Speaks to whoever listens outside: TCP, UDP, a unix socket by path, an abstract one, a virtual machine's host."""

import contextlib
import socket

from attack import ABSTRACT_SOCKET, TCP_PORT, UDP_PORT, UNIX_SOCKET, escaped


def attempt(name, action):
    try:
        action()
    except OSError:
        return
    escaped(name)


def stream(family, address):
    with socket.socket(family, socket.SOCK_STREAM) as client:
        client.settimeout(2)
        client.connect(address)
        client.sendall(b"hello")


def datagram(family, address):
    with socket.socket(family, socket.SOCK_DGRAM) as client:
        client.sendto(b"hello", address)


attempt("tcp", lambda: stream(socket.AF_INET, ("127.0.0.1", TCP_PORT)))
attempt("tcp6", lambda: stream(socket.AF_INET6, ("::1", TCP_PORT)))
attempt("outside", lambda: stream(socket.AF_INET, ("192.0.2.1", 80)))
attempt("udp outside", lambda: datagram(socket.AF_INET, ("192.0.2.1", 53)))
attempt("unix", lambda: stream(socket.AF_UNIX, UNIX_SOCKET))
attempt("abstract", lambda: stream(socket.AF_UNIX, ABSTRACT_SOCKET))
if hasattr(socket, "AF_VSOCK"):
    attempt("vsock", lambda: socket.socket(socket.AF_VSOCK, socket.SOCK_STREAM).close())
attempt("packet", lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW).close())
with contextlib.suppress(OSError):  # May be sent, in a network of our own; must not arrive.
    datagram(socket.AF_INET, ("127.0.0.1", UDP_PORT))
