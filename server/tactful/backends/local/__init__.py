"""The embedded engine: suffix-array n-grams over the open document, the workspace and the environment."""
