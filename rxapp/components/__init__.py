"""Shared building blocks of the pages."""
