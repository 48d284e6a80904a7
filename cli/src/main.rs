//! Updates a rack of modules from the command line.
fn main() {}
