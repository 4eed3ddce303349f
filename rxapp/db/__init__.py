"""Tables, engine and every line of SQL, one module per noun."""
