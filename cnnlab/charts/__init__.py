"""Plain data in, plotly figures out; importing this package registers the template "cnnlab"."""
