"""What the gate did for its programmer, read from the feedback database: figures, estimates, a page, a short text."""
