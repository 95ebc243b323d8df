"""Analysis of data and results: lifetimes fitted to the documents' dates, and what such fits are worth."""
