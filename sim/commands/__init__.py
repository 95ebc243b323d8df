"""The commands of `steppe`, one a file: each has `HELP` and `main(call)`, which returns the exit status."""
