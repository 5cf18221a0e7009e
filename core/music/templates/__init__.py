"""Templates: music described once, kept under a name, edited by several, made again with a word or two said differently."""
