"""What pages are made of, a folder for each, and what they share: the only part that imports streamlit."""
