"""The one joint of the way of a page: stages in their order, on any number of processes.

`stages` takes a page to its text and a text to its clean article, `learning` does so with what the corpus itself
teaches, `workers` shares the work out. A page that crashes or hangs becomes a `Rejected` and costs itself alone. Never
compares two articles.
"""
