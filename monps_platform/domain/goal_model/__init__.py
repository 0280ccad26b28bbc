"""Goal model of Dixon and Coles: fit, walk-forward weeks, score probabilities and base rates."""
