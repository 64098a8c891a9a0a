"""The trained judge of blocks: features of each among its neighbours, trees, and the decision.

Many pages are judged at once as arrays, with the same outcome as each alone. Knows nothing of rules and phrases but
what the features say. This is the only room on a page's way that loads numpy.
"""
