"""Completion: what may be written at a cursor, from the oracle alone or from a model that the oracle watches.

Read `spot` and `names` for what is offered without a model, then `inline`, the whole way of a model's completion:
`context` and `templates` make the prompt, `trimming` cuts what came back into shape, `checking` cuts what is certainly
wrong. Nothing here knows of editors; offsets are characters of the text.
"""
