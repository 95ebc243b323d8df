"""How states come to depend on foreign technology."""
