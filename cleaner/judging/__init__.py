"""What the judges of blocks share, whether they look at plain text or at HTML: pages as arrays, trees, the choice.

It knows no article and no rule: numbers of blocks go in, numbers come out.
"""
