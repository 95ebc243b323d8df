"""The documents' facts, their actors and their mechanisms, and the search over them."""
