"""Bytes into pages and records, and back.

`sources` finds what there is to read, `pages` reads it, `records` is the one codec of an article, `files` and
`output_set` write whole files or none. Knows character sets, JSON, Markdown and file names. Never judges what a page
says.
"""
