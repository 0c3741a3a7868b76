"""Grids: signals on a periodic lattice, and shifts. See chapter 05, *Grids*."""
