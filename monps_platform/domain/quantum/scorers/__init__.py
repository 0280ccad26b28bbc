"""Goalscorers: how often, when and where players score, and who scores first and last in a match."""
