"""Which version of a story a player is on: versions found and put in force, and the way from one to the next."""
