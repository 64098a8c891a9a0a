"""Which articles are the same text but for edits, cuts and furniture.

Fingerprints give candidates by bands, every candidate is compared exactly, and groups have no chains: each member
matches the one that names the group. Takes arrays and chunk files, and knows no `Article`.
"""
