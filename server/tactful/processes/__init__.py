"""What the programs around the server share: messages over pipes, and an end that comes with their parent's."""
