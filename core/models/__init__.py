"""Weights of neural models: which there are, where they lie, how they get there and whether they are whole."""
