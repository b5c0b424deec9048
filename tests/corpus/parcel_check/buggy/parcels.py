"""Decides whether a van may leave with its parcels."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Parcel:
    label: str
    kilos: float
    fragile: bool = False


def all_labelled(parcels):
    """Whether every parcel has a label that is not blank."""
    for parcel in parcels:
        if not parcel.label.strip():
            return False
        return True


def load(parcels):
    return sum(parcel.kilos for parcel in parcels)


def may_leave(parcels, limit):
    """A van may leave if it carries something, all labelled, within its limit."""
    return bool(parcels) and all_labelled(parcels) and load(parcels) <= limit
