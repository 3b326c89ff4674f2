"""What the crash matrix and the chaos share: processes to kill, a ledger, and a checker."""
