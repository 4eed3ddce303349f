"""rxapp emails a partner the moment a tag is assigned to them."""
