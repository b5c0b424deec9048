"""Monitors: what may stand at a place, what certainly may not, and why."""
