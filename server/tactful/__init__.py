"""Tactful: a language server that suggests code with tact."""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("tactful")
except PackageNotFoundError:  # running from a source tree that was never installed
    __version__ = "0.0.0"
