"""Repair without a model: edits of the source, tried in the order of how likely they are to be right."""
