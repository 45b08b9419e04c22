"""Corpora that were published: one file each, with its source, its terms and how to cite it."""
