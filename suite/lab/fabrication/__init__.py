"""The search for the next device to make: replay of searches over measured devices, suggestions, co-design."""
