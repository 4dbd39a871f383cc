"""The Returns Service: files, decides, receives and closes product returns for shops, over gRPC."""
