"""The store in PostgreSQL: batches of steps, each in a few statements of one transaction."""
