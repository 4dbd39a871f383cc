"""The event log as its readers see it: cursors, and later the streams that follow it."""
