"""How groups are held back or let loose: patrons, ties, land, custody, recognition, conduct and those who join."""
