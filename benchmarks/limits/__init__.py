"""What the databases alone can do: the statements of one creation a transaction, without the service."""
