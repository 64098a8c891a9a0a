"""Bytes into pages and records, and back: the only rooms that know how a file or a line looks.

`sources` finds what there is to read, `pages` reads it, `records` is the one codec of an article, `files` writes whole
files or none. Knows character sets, JSON, Markdown and file names. Never judges what a page says.
"""
