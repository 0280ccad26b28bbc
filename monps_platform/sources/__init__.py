"""Sources: each declares what to fetch and parses bytes; one client does all HTTP."""
