"""The webhook bridge: follows the event log and posts events to endpoints, signed, in order, until they arrive."""
