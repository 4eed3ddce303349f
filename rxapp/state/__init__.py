"""Reflex states, one module per page: guard, parse, call the domain, show."""
