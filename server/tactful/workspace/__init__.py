"""Which files of a workspace are source code, for all that read a workspace."""
