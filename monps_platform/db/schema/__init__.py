"""The schema: its migrations, its roles, and what it is beside what it should be."""
