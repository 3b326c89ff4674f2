"""The pages: parse the request, ask a query or call an action, render a template. No rules here."""
