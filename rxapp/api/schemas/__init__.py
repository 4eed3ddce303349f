"""What goes in and out of the REST API, as its documentation shows it; one module per noun.

Bodies refuse unknown fields: a misspelled name would otherwise do nothing, silently.
"""
