"""Webhooks in the database: endpoints and their secrets, deliveries and attempts, redelivery jobs."""
