"""`monps team` and `monps match`: what is known of a team, and of a match, on one page."""
