//! The canonical ABI of the contract, as tables for the SDKs that have no
//! generator of their own: nobody types an offset, a discriminant or the name of
//! an import by hand. And the bindings for Rust, whose generator is
//! slow to compile, and the page of the contract.

mod assemblyscript;
mod c;
mod calls;
mod contract;
mod error;
mod file;
mod go;
mod groups;
mod page;
mod read;
mod rust;
mod table;
mod words;

pub use error::AbiError;
pub use file::File;
pub use table::Table;

/// The contract that the tables are made of, from the top of the repository.
pub const CONTRACT: &str = "wit/0.2/policy.wit";

/// Every file that follows from the text of the contract.
///
/// # Errors
///
/// The contract does not parse, or has something that the tables cannot say.
pub fn files(contract: &str) -> Result<Vec<File>, AbiError> {
    let table = Table::read(contract)?;
    let mut files = go::files(&table);
    files.extend(assemblyscript::files(&table));
    files.extend(c::files(&table));
    files.extend(rust::files(contract)?);
    files.extend(page::files(contract)?);
    Ok(files)
}
