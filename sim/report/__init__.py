"""Figures, words of likelihood and confidence, and the page that carries them."""
