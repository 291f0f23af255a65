"""What shows a run, at work or over: its curves, its evaluation, its downloads, its place in the table."""
