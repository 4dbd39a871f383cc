"""Plays the scenarios in clients/scenario with the Python client, synchronous or asyncio."""
