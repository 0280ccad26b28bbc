"""Bulk writes: PostgreSQL's binary COPY format, and the merge that leaves unchanged rows alone."""
