"""The quantum tables: from what the core tables hold to rows as of a day, and what is shown of them."""
