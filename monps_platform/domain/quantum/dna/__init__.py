"""Team DNA: nine vectors that describe a team in a league's season, as it stood on a day."""
