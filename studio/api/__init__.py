"""The REST API: views parse and answer, actions and queries do the rest."""
