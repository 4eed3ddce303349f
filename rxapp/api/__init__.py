"""The REST API and the provider's webhooks: parse, call the domain, answer."""
