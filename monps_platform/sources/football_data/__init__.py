"""football-data.co.uk: results, match statistics and odds of 22 main divisions since 1993-94.

Format: https://www.football-data.co.uk/notes.txt
"""
