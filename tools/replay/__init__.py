"""Replays a folder of real orders and returns through a server of its own, and checks the books afterwards."""
