"""A demonstration: a day at a shop's returns desk, played through gRPC on a real server, every promise checked."""
