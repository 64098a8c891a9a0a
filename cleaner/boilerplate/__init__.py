"""Finds and removes what belongs to a page's site and not to its story.

`strip` asks three judges, a later one overriding an earlier one: the trained model (`model`), what is known of the site
(`sites` learns and reads it, `profile_files` writes it), and rules on phrases (`phrases`) and facts (`facts`). Each
removal bears the name of what decided. Knows blocks and their neighbours. Never reads HTML, and never changes a block
that it keeps.
"""
