"""What happens from outside: scenario files and the documents' own history, as injects in a world."""
