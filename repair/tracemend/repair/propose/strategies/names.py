"""What strategies are called, for option parsers and settings, which must not wait for the strategies to load."""

from __future__ import annotations

DEFAULT_STRATEGY = "auto"  # The failure's features decide.
NO_STRATEGY = "templates"  # No model is asked.
STRATEGY_NAMES = (
    DEFAULT_STRATEGY, "quick", "simple", "unit-test", "explanation", "trace", "ldb", "plan", "decompose", "bug-class", "tree",
    NO_STRATEGY,
)  # fmt: skip
MODEL_TIME_S = 180.0  # For each failure where a model may be asked: a local one writes for seconds.
