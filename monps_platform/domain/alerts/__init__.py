"""What is wrong for how long, and who is to be told of it when: pure, with the clock as an argument."""
