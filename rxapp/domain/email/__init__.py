"""How an email is written: its template language, and the HTML and plain text made of it."""
