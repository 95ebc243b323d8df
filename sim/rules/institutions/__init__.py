"""Summits, agreements and rival blocs."""
