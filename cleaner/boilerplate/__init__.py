"""What of a page is the site's and not the story's, and taking it out.

`strip` hears three judges in turn: rules on phrases and facts, what is known of the site, and a trained model; each
removal bears the name of its rule. Knows blocks and their neighbours. Never reads HTML, and never changes a block it
keeps.
"""
