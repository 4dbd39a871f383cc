"""Webhooks under load: the bridge beside its own HTTP client with nothing behind it."""
