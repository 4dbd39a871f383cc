"""From request messages to what the application is asked; what is wrong with a message is said by field."""
