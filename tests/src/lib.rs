//! What the tests share: the bench.
