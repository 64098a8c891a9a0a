"""The phrases of furniture in eighteen languages, and where one is matched against a block.

`library` reads them all and answers `strip`: its `match` is where a block meets the phrases. `shelf` holds the phrases
of one script for a quick look-up, `pattern` those with gaps. Never knows which page a block stands on.
"""
