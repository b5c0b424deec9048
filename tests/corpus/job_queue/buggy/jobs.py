"""Jobs and how often they are tried."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Callable


@dataclass
class Job:
    name: str
    action: Callable[[], None]
    priority: int = 5
    tries_left: int = 2
