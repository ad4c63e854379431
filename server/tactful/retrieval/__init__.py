"""Context for model prompts: what of the document and the workspace a model is told."""

from tactful.retrieval.source import WorkspacePrompts

__all__ = ["WorkspacePrompts"]
