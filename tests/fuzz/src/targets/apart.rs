//! `set_apart`: valid in, valid out, the component and each image, whatever comes in.

pub(super) fn run(bytes: &[u8]) -> bool {
    let apart = gatewright_link::set_apart(bytes);
    if let Ok(apart) = &apart
        && super::wasm::is_valid(bytes)
    {
        for image in &apart.images {
            assert!(super::wasm::is_valid(image.initial()), "{}", image.name);
        }
    }
    super::wasm::holds(bytes, apart.map(|apart| apart.component))
}
