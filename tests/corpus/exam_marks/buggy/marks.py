"""Summaries of exam marks."""

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Summary:
    count: int
    mean: float
    deviation: float


def summarize(marks):
    """Mean and (population) standard deviation; no marks give zeros."""
    count = len(marks)
    if count == 0:
        return Summary(0, 0.0, 0.0)
    total = sum(marks)
    mean = total / count
    variance = sum((mark - total) ** 2 for mark in marks) / count
    return Summary(count, mean, math.sqrt(variance))


def outliers(marks, factor=2.0):
    """Marks further from the mean than `factor` standard deviations."""
    summary = summarize(marks)
    return [mark for mark in marks if abs(mark - summary.mean) > factor * summary.deviation]
