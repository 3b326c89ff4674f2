"""When a schedule fires and what a delivery becomes. Pure."""
