//! What to start after a reset.
