"""Geodesics: signals on surfaces, and what bending leaves alone. See chapter 03, *Data that is not
flat*, and chapter 08, *Geodesics*."""
