"""The fork server: runs under the user's Python (3.8 or newer), so nothing here imports anything of Tactful."""
