"""Builds the clients of all languages and lets each of them play the same scenarios against a real server."""
