"""Monitors: what may stand at a place, what certainly may not, and why.

Reading order: `protocol` (what is said, of what), `guards` and `sites` (a whole file as the monitors see it), then one
file a monitor: `members`, `imports`, `keywords`, `names`, `arity`, `literals`, `misuse`. `position` and `nearest` help
them. `tables`, `table_building` and `interpreter` put what is known at one hole into a few kilobytes for a decoder.
"""
