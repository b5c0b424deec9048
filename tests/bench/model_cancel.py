"""How long it takes until a cancelled question costs nothing any more: from the caller's event to the closed connection.

    python tests/bench/model_cancel.py --times 100

The scripted endpoint says four characters every two milliseconds and notes when its client has gone, which it sees with
its next piece at the latest. What is reported is an upper bound, therefore, and on a busy machine the machine's delay is in it.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from openai_server import OpenAIServer, Say

from tracemend.repair.models.endpoint import Endpoint
from tracemend.repair.models.errors import Cancelled
from tracemend.repair.models.meter import Meter
from tracemend.repair.models.protocol import Message, ModelSettings

GENERATED_BEFORE_S = 0.1


def main() -> None:
    """Cancel again and again, and print how long both sides took to notice."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--times", type=int, default=100)
    told, gone = zip(*(cancelled_after_ms() for _ in range(parser.parse_args().times)), strict=True)
    for name, times in (("the caller is told", told), ("the server sees it", gone)):
        percentiles = statistics.quantiles(times, n=20)
        print(
            f"{name}: median {statistics.median(times):.0f} ms, p95 {percentiles[-1]:.0f} ms, "
            f"longest {max(times):.0f} ms, over 200 ms {sum(one > 200 for one in times)} of {len(times)}"
        )


def cancelled_after_ms() -> tuple[float, float]:
    """Return how long after the event the caller was told, and the server saw the connection close."""
    cancel = threading.Event()
    with OpenAIServer(Say("tick", endless=True, delay_s=0.002)) as server:
        settings = ModelSettings(server.base_url, "scripted")
        with Endpoint(settings, Meter(settings)) as endpoint:
            generating = threading.Event()
            asking = threading.Thread(target=_ask, args=(endpoint, cancel, generating))
            asking.start()
            generating.wait()
            time.sleep(GENERATED_BEFORE_S)
            set_at = time.perf_counter()
            cancel.set()
            asking.join()
            told_at = time.perf_counter()
            server.somebody_hung_up.wait()
            return (told_at - set_at) * 1000, (time.perf_counter() - set_at) * 1000


def _ask(endpoint: Endpoint, cancel: threading.Event, generating: threading.Event) -> None:
    try:
        endpoint.chat(
            [Message("user", "go")],
            max_tokens=50_000,
            cancel=cancel,
            on_text=lambda piece: generating.set(),
        )
    except Cancelled:
        return


if __name__ == "__main__":
    main()
