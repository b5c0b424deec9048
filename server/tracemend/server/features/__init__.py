"""What an editor can ask for, one file a feature; `registry` is how a feature says what it answers.

A feature is a plain function over an immutable `Snapshot`. It is found by its decorator: `load_features` imports every
module of this package, and the protocol layer asks the registry which function answers a method.
"""
