"""Several processes that serve one address: a parent that holds the port and keeps its workers alive."""
