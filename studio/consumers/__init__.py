"""WebSockets: who may open one, and the two protocols that follow a run."""
