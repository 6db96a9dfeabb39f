"""Names: where each is declared, what it refers to, and which are missing."""
