"""MinHash in the ways this program uses it: shingles, signatures, one-permutation sketches, bands.

Knows neither of the two groupings that ask it for candidates. `signatures` is also the door to datasketch.
"""
