"""What is derived about teams, pairs of teams, strategies and scorers, each as it stood on a day."""
