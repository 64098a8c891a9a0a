"""`cleaner fix` and `cleaner check`: files repaired and stripped in place, every other byte left as it is.

Only rules and site profiles judge here, so that a commit takes a sixth of a second: no numpy, no click, no HTML. A file
is written only if it changes, and then whole or not at all.
"""
