"""What the cards of teams and matches show: figures in words, each with what it rests on or why it is missing."""
