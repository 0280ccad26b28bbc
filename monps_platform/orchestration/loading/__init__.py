"""From kept bytes to rows: one partition after another, each in one transaction."""
