"""Models as authors: what they are asked about a failure, and what becomes of their answers.

Read `protocol` first: a strategy sees a `Case` and works at a `Desk`. `case` makes the one from what the engine knows,
`desk` is the other: it asks within the budget, reads answers as edits, checks and runs them. Then any strategy, each a
small file, and `scheduler`, which decides who is asked how often. Nothing here trusts a model: what it writes becomes a
candidate like those of the templates, and is judged by the same code.
"""
