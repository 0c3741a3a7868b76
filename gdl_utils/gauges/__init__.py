"""Gauges: frames on a surface, what carries them along, and layers that do not care who chose them.

See chapter 09, *Gauges*.
"""
