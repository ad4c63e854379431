"""One file for each protocol method."""
