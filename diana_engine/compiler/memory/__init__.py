"""What is remembered of a story from one compilation to the next, so that what is the same is not read again."""
