"""Real data that cannot go dead: read from an installed package, or shipped with this one."""
