"""The filter language (AIP-160): one parser and checker for lists, streams, webhooks and policy."""
