"""What happens between great powers and around everybody, felt by the other rules."""
