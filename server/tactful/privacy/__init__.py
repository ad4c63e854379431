"""What may leave this machine, and the record of what did: redacted secrets, ignored files, the egress log.

A layer of its own above the core, so that backends, retrieval and the log can all use it. It opens no connection.
"""
