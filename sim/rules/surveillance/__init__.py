"""Surveillance: demand for it, public opinion, what suppliers read, and how they stand to each other."""
