"""Do: call tools with timeout, cancellation and log capture, and carry a run on."""
