"""What happened, in words for the world outside: the catalogue of events, and how play is told in them."""
