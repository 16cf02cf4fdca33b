"""One file a command; what several of them share lies in the folder above."""
