"""Graphs: signals on nodes, and relabelling. See chapter 04, *The blueprint*."""
