"""What the Experiments page is made of: ready claims, a race to watch or replay, bets, races of one's own."""
