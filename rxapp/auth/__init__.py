"""Who may do what: the gate, sessions, keys and roles."""
