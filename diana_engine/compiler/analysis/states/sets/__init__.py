"""All states at once, as a set for each place: decision diagrams, and what they say of a story."""
