"""Groups: finite groups as data, and maps that turn along with their input. See chapter 06."""
