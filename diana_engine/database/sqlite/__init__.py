"""The store in SQLite: one thread that writes, and many steps to a commit."""
