"""Whether anybody listens where an endpoint is said to be, found out without sending anything.

Templates leave models a good part of a failure's time, which is lost if nobody is there to be asked. A connection that is
opened and closed again tells in milliseconds, and does not load the client, which takes half a second.
"""

from __future__ import annotations

import socket
import threading
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

LOOK_TIMEOUT_S = 2.0
_PORTS = {"http": 80, "https": 443}


def nobody_listens(base_url: str, timeout_s: float = LOOK_TIMEOUT_S) -> bool:
    """Say whether certainly nobody can be asked at `base_url`; what takes longer than `timeout_s` is not certain.

    Behind a proxy only the proxy knows.
    """
    try:
        parts = urlsplit(base_url)
        host, port = parts.hostname or "", parts.port or _PORTS.get(parts.scheme, 0)
    except ValueError:
        return False  # The client says what is wrong with an address.
    if not host or not port or _has_proxy(parts.scheme, host):
        return False
    found: list[bool] = []
    # Resolving a name knows no timeout, so it is done where nobody waits for it.
    looking = threading.Thread(
        target=lambda: found.append(_is_refused(host, port, timeout_s)), daemon=True, name="looking-for-model"
    )
    looking.start()
    looking.join(timeout_s)
    return found == [True]


def _has_proxy(scheme: str, host: str) -> bool:
    proxies = getproxies()
    return bool(proxies.get(scheme) or proxies.get("all")) and not proxy_bypass(host)


def _is_refused(host: str, port: int, timeout_s: float) -> bool:
    try:
        socket.create_connection((host, port), timeout_s).close()
    except (ConnectionRefusedError, socket.gaierror):
        return True
    except (OSError, UnicodeError):
        return False
    return False
