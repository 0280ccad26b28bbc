"""Understat: matches with expected goals, shots, line-ups and players' seasons of five leagues since 2014-15.

Site: https://understat.com/
"""
