"""What several workload files share: networks and scores. Beside the contract, the only modules that they import."""
