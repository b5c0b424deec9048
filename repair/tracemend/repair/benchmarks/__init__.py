"""Benchmarks that the user supplies, as files in the formats of the field: how well is what is written, or mended, here?

`tasks` is what all formats are read into; `humaneval`, `mbpp` and `quixbugs` read them, `formats` knows them by name.
`drafting` asks a model for programs or takes ready ones, `solving` mends and judges them in the sandbox, `results` keeps
what came of it, `scores` makes figures of that, `plot` a picture.
"""
