"""What a person reads: certificates, device cards, pages made of results."""
