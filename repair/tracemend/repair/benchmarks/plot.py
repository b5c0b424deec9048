"""A picture of scores as SVG: for each strategy what passes before, after, and what was shown wrong."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from .scores import Score

WIDTH, ROW, BAR, LEFT, TOP, RIGHT = 720, 64, 14, 150, 44, 60
_SERIES = (("before", "#9aa5b1"), ("after", "#2f7d4f"), ("shown, but wrong", "#b3402f"))


def plot(scores: Sequence[Score], title: str) -> str:
    """Return the picture."""
    height = TOP + ROW * len(scores) + 30
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img">',
        f'<g font-family="sans-serif" font-size="12"><title>{escape(title)}</title>',
        f'<rect width="{WIDTH}" height="{height}" fill="white"/>',
        _text(10, 20, title, weight="bold"),
        *_legend(),
    ]
    for number, score in enumerate(scores):
        parts += _rows(score, TOP + ROW * number)
    return "\n".join([*parts, "</g></svg>"]) + "\n"


def _legend() -> list[str]:
    parts = []
    for number, (name, colour) in enumerate(_SERIES):
        x = LEFT + 150 * number
        parts += [f'<rect x="{x}" y="28" width="10" height="10" fill="{colour}"/>', _text(x + 15, 37, name)]
    return parts


def _rows(score: Score, top: int) -> list[str]:
    wrong = score.shown_wrong / score.attempts if score.attempts else 0.0
    values = (score.pass_before, score.pass_at.get(1, 0.0), wrong)
    parts = [_text(10, top + ROW // 2, score.strategy)]
    for number, (value, (_, colour)) in enumerate(zip(values, _SERIES, strict=True)):
        y = top + 8 + number * (BAR + 2)
        width = value * (WIDTH - LEFT - RIGHT)
        parts += [
            f'<rect x="{LEFT}" y="{y}" width="{width:.1f}" height="{BAR}" fill="{colour}"/>',
            _text(LEFT + width + 6, y + BAR - 3, f"{100 * value:.1f} %"),
        ]
    return parts


def _text(x: float, y: float, text: str, *, weight: str = "normal") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" font-weight="{weight}" fill="#222">{escape(text)}</text>'
