"""The journal: what a job tried, saw and decided, one JSON line each, written while it happens.

Start with `journal.Journal`, which writes; `reading` reads it back and tolerates what a crash left. `candidates` turns
the search's verdicts into lines, `story` puts the lines of a job back together, `projections` makes training data of
them and `replay` runs a recorded candidate again. `scrubbing` keeps secrets out of all of it.
"""
