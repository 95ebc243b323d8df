"""Ensembles: a plan of runs, cut into shards, run by an engine, receipted, and finalised into results."""
