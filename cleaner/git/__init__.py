"""`cleaner duplicates`: what of a commit is in the corpus already.

`repository` alone runs git, and asks its index, never the folder. `corpus` says which articles git holds, `notes` what
was seen before, `duplicates` finds, `report` says it. Never changes a file that is under version control.
"""
