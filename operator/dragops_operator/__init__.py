"""The operator: makes the cluster match every Pattern and PatternDeployment."""
