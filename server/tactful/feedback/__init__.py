"""What was decided and what became of it: the store, outcomes and survival."""
