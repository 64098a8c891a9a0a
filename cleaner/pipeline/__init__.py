"""The one place where the steps of a page are joined, on any number of processes.

`stages` takes a page to its text and a text to its clean article, `learning` does so with what the corpus itself
teaches, `workers` runs the processes that parse HTML, each page with a hard timeout. A page that crashes or hangs
becomes a `Rejected` and costs itself alone. Never compares two articles.
"""
