"""How states ask one another for persons abroad, share what they know, guard the routes, and answer."""
