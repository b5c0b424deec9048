"""Syntax: decoding, positions, edits, the parsed module and what its names can see.

Reading order: `source` (bytes to text), `positions` (offsets to lines and back), `edits` (text to text),
`module` (the parsed file with spans and parents), `scopes` (names visible at a place), `problems` (where a broken file
is broken).
"""
