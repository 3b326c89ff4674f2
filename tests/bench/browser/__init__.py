"""The editor and the run page with large graphs in Chromium, beside stock React Flow."""
