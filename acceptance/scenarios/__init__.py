"""What the provider has to do with a real core, a real API server and an EKS API: one file for each subject."""
