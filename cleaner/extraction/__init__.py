"""From HTML to the article: parsing, blocks with their place in the page's tree, a trained judge of blocks, a fallback.

Pages come in as strings and are worked on several at a time; nothing here knows an `Article` or reads a file but the
model's own.
"""
