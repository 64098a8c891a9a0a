"""All articles at once: the barrier at which a stream becomes a corpus with groups.

Records wait in chunk files on disk while arrays of a few bytes each decide. Knows both groupings and the choice of the
canonical article, and joins them. What is read, grouped and written does not depend on the order of the input, the
number of processes or the memory given.
"""
