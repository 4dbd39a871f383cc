"""Domain values as encoded protobuf messages, which are stored and answered as they are, and back again.

Messages are built from nested dicts in one call: the C implementation fills them several times faster than Python
can construct one message object after another.
"""
