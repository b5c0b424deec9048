"""Monitors while a model writes: from the symbol table of a hole to masks over the tokens of a vocabulary.

Reading order: `lexing` (bytes to words and brackets), `statements` and `expressions` (words to types, and what is wrong),
`machine` (the guide of one sequence), `vocabulary` and `masks` (guides to token masks). `adapters` puts them into engines.
"""
