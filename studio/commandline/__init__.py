"""What `manage.py treadle` and `manage.py up` do. The commands themselves only parse and call."""
