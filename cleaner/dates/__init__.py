"""Dates as pages write them, brought into ISO 8601 with the precision the source has.

Knows the words for months and days of many languages and the order of day and month in each. Never guesses, and never
asks the machine's clock: a date that can be read in two ways is no date.
"""
