"""People's own datasets: folders and ZIPs that they bring, and images that they collect."""
