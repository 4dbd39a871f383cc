"""Streams of events beside a bare server that streams prebuilt messages: how fast, at what cost, how late."""
