"""What numpy lacks: rows of different lengths, look-ups, pairs, and arrays that wait in files.

Knows neither words nor articles. Everything here is exact and gives the same result on every machine.
"""
