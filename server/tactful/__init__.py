"""Tactful: a language server that suggests code with tact."""

__version__ = "0.1.0"
