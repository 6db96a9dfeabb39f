"""A compiled story: an immutable, content-hashed value and its canonical codec."""
