"""Scraped news in, clean canonical articles out."""
