"""What a document may hold: the schema compiled, and a document held against it."""
