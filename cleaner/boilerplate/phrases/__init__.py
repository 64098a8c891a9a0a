"""The phrases of furniture in eighteen languages: where one is matched against a block.

`pattern` is how a phrase is written, `shelf` the phrases of one file, filed for a quick look-up, `library` all of them
and the questions that `strip` asks. Never knows which page a block stands on.
"""
