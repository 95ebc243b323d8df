"""One run: its quarters, what is observed of it, and its trace."""
