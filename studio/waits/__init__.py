"""What runs wait for as rows: timers, people, signals, child runs, and their ends."""
