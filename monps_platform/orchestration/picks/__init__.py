"""Picks: taken by the agents or read from files, compared with the close, settled."""
