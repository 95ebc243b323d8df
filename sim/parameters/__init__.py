"""The register of parameters: value, range, distribution, unit, and the facts or the assumption behind each."""
