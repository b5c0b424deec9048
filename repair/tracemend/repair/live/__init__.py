"""Live: the tests of one project kept up to date while it is being edited.

Start with `project.LiveProject`, the whole as others see it; `state` and `events` are what it tells. Then follow one save:
`texts` takes it in, `fingerprints` says which blocks of code it changed, `impact` (with `imports`) which tests that may
affect, `board` which results hold no longer; `runs` carries out a run in a runner that `zygotes` keeps fit for the texts
of the moment, and `model` brings results and changes together, whichever came first. `chores` is what happens while
nobody waits, `ranking` answers questions from what is stored, `store` and `memory` keep it across restarts.
"""
