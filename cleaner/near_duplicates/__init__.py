"""Which articles are the same text but for edits, cuts and furniture.

`fingerprints` sketches each text, `grouping` takes candidates from the bands of the sketches (`minhash.bands`),
`comparison` compares each candidate exactly, and `star_clustering` makes groups without chains: each member matches the
one that names the group. Takes arrays and chunk files, and knows no `Article`.
"""
