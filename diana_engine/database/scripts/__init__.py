"""What SQLite and PostgreSQL do alike: each piece of work is written once, as a script of statements."""
