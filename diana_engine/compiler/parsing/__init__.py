"""From checked shapes to what a writer wrote, with expressions and texts parsed."""
