"""The steps of one page besides stripping: extract, repair, describe, and the measures of quality.

Each is a pure function of its own on frozen data, and each wraps one foreign library. No stage knows another;
`pipeline` joins them.
"""
