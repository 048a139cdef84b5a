"""What ``dragops doctor`` looks at: the way to the API, the token, the system, the cluster."""
