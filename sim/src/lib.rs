//! A virtual rack.
