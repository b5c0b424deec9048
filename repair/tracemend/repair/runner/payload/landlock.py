"""Landlock: what may be written, decided by the kernel for this process and all that it starts.

See https://docs.kernel.org/userspace-api/landlock.html. Only rights that change something are handled, so reading stays
as it was; a domain also keeps its members from tracing processes outside of it and, from ABI 6 (Linux 6.12), from
sending them signals. Landlock does not cover chmod, chown and utime, UDP, or connecting to a unix socket by its path.
"""

from __future__ import annotations

import ctypes
import os
import struct
from typing import Iterable

from . import linux

WRITE_FILE = 1 << 1
_REMOVE_AND_MAKE = sum(1 << bit for bit in range(4, 13))
_REFER, _TRUNCATE = 1 << 13, 1 << 14  # From ABI 2 and 3.
_MAKE_DEVICE = (1 << 6) | (1 << 11)
_SCOPE_ABSTRACT_UNIX_SOCKET, _SCOPE_SIGNAL = 1, 2  # From ABI 6.

_CREATE_RULESET_VERSION = 1
_RULE_PATH_BENEATH = 1


def abi() -> int:
    """Return the version of Landlock that this kernel speaks, 0 where it has none or has it switched off."""
    try:
        return linux.call("landlock_create_ruleset", None, 0, _CREATE_RULESET_VERSION)
    except OSError:
        return 0


def scopes_signals() -> bool:
    """Return whether a domain can be kept from sending signals to processes outside of it."""
    return abi() >= 6


def create_ruleset(writable: Iterable[str]) -> int:
    """Return the descriptor of a ruleset that allows writing below the paths of `writable` alone."""
    version = abi()
    rights = WRITE_FILE | _REMOVE_AND_MAKE
    rights |= _REFER if version >= 2 else 0
    rights |= _TRUNCATE if version >= 3 else 0
    scopes = _SCOPE_ABSTRACT_UNIX_SOCKET | _SCOPE_SIGNAL if version >= 6 else 0
    attributes = struct.pack("=QQQ", rights, 0, scopes)[: _attribute_bytes(version)]
    buffer = ctypes.create_string_buffer(attributes, len(attributes))
    ruleset = linux.call("landlock_create_ruleset", buffer, len(attributes), 0)
    for path in writable:
        _allow_beneath(ruleset, path, rights & ~_MAKE_DEVICE)
    return ruleset


def enter_domain(ruleset: int) -> None:
    """Put this process, and all it will start, under `ruleset`; further domains only restrict further."""
    linux.call("landlock_restrict_self", ruleset, 0)


def _attribute_bytes(version: int) -> int:
    """Older kernels refuse a structure that is longer than theirs unless the rest is zero; be exact instead."""
    return 24 if version >= 6 else 16 if version >= 4 else 8


def _allow_beneath(ruleset: int, path: str, rights: int) -> None:
    """Allow `rights` below `path`, or what of them concerns a file where it is one; a missing path is left out."""
    try:
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    try:
        if not os.path.isdir(path):
            rights &= WRITE_FILE | _TRUNCATE
        rule = struct.pack("=Qi", rights, descriptor)
        buffer = ctypes.create_string_buffer(rule, len(rule))
        linux.call("landlock_add_rule", ruleset, _RULE_PATH_BENEATH, buffer, 0)
    finally:
        os.close(descriptor)
