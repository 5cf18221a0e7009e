"""How good a piece of music is, by what a meter can tell: every part shown, a total of 0 to 100. Nobody listens here."""
