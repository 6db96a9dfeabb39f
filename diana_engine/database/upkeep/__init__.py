"""What operators do with a database as a whole: copies of it, one player's rows, its state of health."""
