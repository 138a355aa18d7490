"""Production figures: counts and times of each station, minute by minute."""
