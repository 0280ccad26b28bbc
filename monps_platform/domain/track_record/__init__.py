"""Track records: what picks were worth against the close and what they came to, with how much of it may be chance."""
