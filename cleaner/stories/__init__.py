"""Which articles tell of the same event, whoever wrote them.

Heavy terms give vectors, MinHash of them gives candidates within a window of days, `scoring` says how surely a pair is
one story, and average linkage makes the groups. Takes arrays, and knows no `Article`.
"""
