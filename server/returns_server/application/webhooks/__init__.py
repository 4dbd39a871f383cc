"""Webhooks as use cases: endpoints, deliveries and redelivery jobs, and what storage and the bridge must offer."""
