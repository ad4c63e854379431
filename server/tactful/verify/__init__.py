"""Prove a change by the tests near it, and repair it when they fail."""
