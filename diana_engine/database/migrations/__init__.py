"""How a database that exists is carried from one schema to the next, and back.

A new database is made from the tables as they are now; only one that was made by another Diana needs this. Every
migration is one file in `versions`, is named by the schema that it leads to, and never changes once it was released. All
of one upgrade is one transaction, in SQLite too: who is interrupted half way finds the database as it was.
"""
