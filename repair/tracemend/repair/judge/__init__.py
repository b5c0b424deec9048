"""Judging: which plausible patch to believe, and how much.

`antipatterns` knows the shapes that please tests and nobody else, `diagnostics` asks the linter, `verdicts` gathers
everything known about a patch (falsification on fresh inputs included) and `ranking` orders patches and decides on
confidence.
"""
