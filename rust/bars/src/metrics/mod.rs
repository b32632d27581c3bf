//! Statistics from a run.
