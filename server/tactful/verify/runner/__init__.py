"""Run tests in the user's interpreter: a warm fork server on that side, its client on this side."""
