"""Training of the program's own networks. The program runs without it."""
