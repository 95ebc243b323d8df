"""The rules of a quarter: one mechanism a file, put in order by `schedule`."""
