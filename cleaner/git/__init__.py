"""`cleaner duplicates`: which articles of a commit repeat ones that are in the corpus already.

`repository` alone runs git, and reads git's staging area, never the folder. `corpus` says which articles git holds,
`notes` keeps what was seen before, `duplicates` finds, `report` says it. Never changes a file under version control.
"""
