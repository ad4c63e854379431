"""Where completions come from; each module or package implements the Backend port."""
