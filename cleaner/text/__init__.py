"""Plain strings: how they are folded for comparison, cut into blocks, and recognised as prose.

Takes a `str` and gives back plain values. Knows the world's scripts and their punctuation. Never reads a file or a
setting, and never loads numpy, because the git hooks wait for it.
"""
