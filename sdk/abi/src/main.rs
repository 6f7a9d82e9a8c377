//! Writes the files of the SDKs that follow from the contract. Run it at the top
//! of the repository: `cargo run -p gatewright-abi`.

use std::path::Path;
use std::process::ExitCode;

use gatewright_abi::{CONTRACT, files};

fn main() -> ExitCode {
    match write() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("abi: {error}");
            ExitCode::FAILURE
        }
    }
}

fn write() -> Result<(), Box<dyn std::error::Error>> {
    let contract = std::fs::read_to_string(CONTRACT).map_err(|error| {
        format!("cannot read `{CONTRACT}`: {error}\n  hint: run it at the top of the repository")
    })?;
    for file in files(&contract)? {
        std::fs::write(Path::new(file.path), file.text)
            .map_err(|error| format!("cannot write `{}`: {error}", file.path))?;
        println!("{}", file.path);
    }
    Ok(())
}
