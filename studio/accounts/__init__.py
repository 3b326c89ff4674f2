"""Who may come in: bearer tokens, one-time sign-in links, sessions, and the first user."""
