//! Gives the component a stack that the parser fits into: it takes several
//! kilobytes for each level of nesting, more than components have by default.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    if std::env::var("CARGO_CFG_TARGET_FAMILY").is_ok_and(|family| family == "wasm") {
        println!("cargo::rustc-link-arg-cdylib=-zstack-size=524288");
    }
}
