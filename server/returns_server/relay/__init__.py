"""The relay: follows the logs of all tenants and publishes their events to NATS JetStream; the only user of NATS."""
