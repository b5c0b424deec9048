"""Failure in, verified patches and an explanation out.

Reading order: `runner.results` (what running tells), `patch` (what a change is), `localize` (where), `propose` (what
to try), `search` (in which order), `judge` (what to believe), `explain` (what to say), `engine` (all of it together).
"""
