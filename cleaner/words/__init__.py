"""Texts as arrays of words: where each begins, its 64-bit hash, and how common it is in news.

A batch of texts becomes one buffer of bytes, and no list of strings is ever made. Knows scripts, so that Chinese,
Japanese and Thai have words too. Never compares two texts.
"""
