"""What of a page is the site's and not the story's, and taking it out.

`strip` hears three judges in turn: rules on phrases and facts, what is known of the site, and a trained model; each
removal bears the name of its rule. `sites` learns and reads what is known of sites, `profile_files` writes it. Knows
blocks and their neighbours. Never reads HTML, and never changes a block it keeps.
"""
