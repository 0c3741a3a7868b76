"""Groups: finite groups as data, and how they turn and mirror images. See chapter 04."""
