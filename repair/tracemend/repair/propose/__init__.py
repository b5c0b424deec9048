"""Proposing: many small authors, one protocol.

`site` is what an operator may look at, `operators/` holds one family of edit templates a file, `donors` the code of
the workspace that templates borrow from. An operator never runs anything and never reads a file.
"""
