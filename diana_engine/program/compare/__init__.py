"""Two versions of a story side by side: what became of each thing, and what that is for the players who are in it."""
