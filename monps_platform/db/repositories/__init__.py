"""Repositories: the database in the words of the domain. They never commit; the unit of work does."""
