"""Tests of the rules of surveillance."""
