"""Memory: the repairs that were proven in this workspace, so that the next one is found sooner.

Start with `store.Memory`. `signature` says which failures are alike, `shapes` which edits are, `remembered` what one
repair is and what it weighs, `transfer` how memories travel. Nothing in here runs or proposes anything: a remembered
repair makes an operator cheaper or stands in a prompt as an example, and what comes of it is proven like all else.
"""
