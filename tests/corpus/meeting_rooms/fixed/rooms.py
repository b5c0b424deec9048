"""Books meetings into rooms."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Meeting:
    title: str
    start: int  # minutes since midnight
    end: int  # first minute that is free again

    def overlaps(self, other):
        """Two meetings overlap if some minute belongs to both."""
        return self.start < other.end and other.start < self.end


class Room:
    def __init__(self, name):
        self.name = name
        self.meetings = []

    def is_free_for(self, meeting):
        return not any(meeting.overlaps(booked) for booked in self.meetings)

    def book(self, meeting):
        if not self.is_free_for(meeting):
            raise ValueError(f"{self.name} is taken during {meeting.title}")
        self.meetings.append(meeting)


def assign(meetings, room_names):
    """Give each meeting the first free room; returns {title: room name or None}."""
    rooms = [Room(name) for name in room_names]
    plan = {}
    for meeting in sorted(meetings, key=lambda m: (m.start, m.end)):
        plan[meeting.title] = None
        for room in rooms:
            if room.is_free_for(meeting):
                room.book(meeting)
                plan[meeting.title] = room.name
                break
    return plan
