"""How the program's own networks are trained. Nothing here is needed to run it."""
