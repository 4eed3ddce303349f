"""What the product does: plain functions on a session, no HTTP, no Reflex."""
