"""Searching: one best-first frontier for every author, one budget, judged by running.

`candidates` turns proposals into patches, `frontier` orders them and learns from verdicts, `naturalness` prices text
that the workspace would not write, `search` spends the budget on runners in parallel.
"""
