"""External inference engines, behind one small protocol: ty, whose answers may forbid, and jedi, which only ranks."""
