"""Results on disk: what a folder holds, how it is written whole or not at all, how it is opened and digested."""
