"""Friction: how two teams rub against each other, and how a match of theirs is expected to go."""
