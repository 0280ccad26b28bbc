"""Named strategies on a team's matches, played walk-forward at real prices and judged by what they then brought."""
