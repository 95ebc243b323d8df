"""Compiled arithmetic shared by all rules: draws, choice, hazards, bounded stocks, the decision ledger."""
