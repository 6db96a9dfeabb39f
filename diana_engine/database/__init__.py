"""Where compiled stories and players are kept: tables, repositories and the storage port."""
