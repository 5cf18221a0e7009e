"""One thing each, for a Space or a first look: the same core as the whole studio, and nothing else."""
