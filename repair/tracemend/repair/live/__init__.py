"""Live: the tests of one project kept up to date while it is being edited.

Start with `project.LiveProject`, the whole as others see it; `state` and `events` are what it tells. Below it,
`fingerprints` says what a change changed, `imports` which file reaches which, `impact` which tests must run again,
`zygotes` keeps warm runners fit for the texts of the moment, and `store` remembers across restarts.
"""
