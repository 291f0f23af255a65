"""What the Data page is made of: choosing, loading, looking at and caring for a dataset."""
