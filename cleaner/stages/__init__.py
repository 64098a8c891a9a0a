"""The steps of one page besides stripping: extract, repair, describe, and the measures of quality.

Each is a pure function, and a foreign library is named in one of them alone (ftfy in `repair`, py3langid in
`describe`). They know nothing of each other, except that `describe` asks `spun`; `pipeline` joins them.
"""
