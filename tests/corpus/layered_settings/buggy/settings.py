"""Layers of settings: defaults, then the user's, then those of the project."""

import copy


def merge(base, extra):
    """The settings of `base` with those of `extra` on top; neither is changed.

    Nested sections are merged key by key; any other value is replaced.
    """
    result = copy.copy(base)
    update(result, extra)
    return result


def update(target, extra):
    for key, value in extra.items():
        if isinstance(value, dict) and isinstance(target.get(key), dict):
            update(target[key], value)
        else:
            target[key] = value


def layered(*layers):
    """All layers merged, later ones on top."""
    result = {}
    for layer in layers:
        result = merge(result, layer)
    return result
