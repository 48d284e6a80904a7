//! Hands each binary's linker script to the linker.

fn main() {
    let folder = std::env::var("CARGO_MANIFEST_DIR").unwrap_or_default();
    for (binary, script) in [("module-loader", "module.ld"), ("base-executor", "base.ld")] {
        println!("cargo:rerun-if-changed={script}");
        println!("cargo:rustc-link-arg-bin={binary}=-T{folder}/{script}");
    }
}
