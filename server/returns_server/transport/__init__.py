"""gRPC: checks who calls, translates messages, calls the use cases, maps errors; the only user of grpc."""
