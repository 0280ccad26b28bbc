"""The Odds API v4 (the-odds-api.com): the prices that many bookmakers ask now for the matches to come of a league."""
