//! The contract as a page: every type, member and function, with what the contract
//! says about it.

#![expect(
    clippy::indexing_slicing,
    reason = "an arena has what its own ids name"
)]

use wit_parser::{Docs, Function, InterfaceId, Resolve, SizeAlign, Type, TypeDefKind, TypeId};

use crate::contract::Contract;
use crate::error::AbiError;
use crate::file::File;

/// Where the page is.
const PATH: &str = "docs/contract.md";

/// Says to readers of the SDKs what the names here are called there.
const BEGIN: &str = "\
Every fact that a policy can ask for, and every part of an answer. The names are those of the contract; each SDK writes them as its language does: `is-error` is
`is_error()` in Rust, `is_error` in Python, `IsError()` in Go, `isError` in JavaScript. What an SDK adds stands on its page: `gatewright docs sdk/rust` and so on.

This page is made of [`wit/0.2/policy.wit`](../wit/0.2/policy.wit) by `cargo run -p gatewright-abi`.
";

/// The page of a contract.
pub(crate) fn files(contract: &str) -> Result<Vec<File>, AbiError> {
    let mut resolve = Resolve::default();
    let mut sizes = SizeAlign::default();
    let package = resolve
        .push_source("policy.wit", contract)
        .and_then(|package| sizes.fill(&resolve).map(|()| package))
        .map_err(|error| AbiError::Contract(format!("{error:#}")))?;
    let package = &resolve.packages[package];
    let contract = Contract {
        resolve: &resolve,
        sizes: &sizes,
    };
    let page = Page { contract };
    let mut text = format!("# The contract, member by member\n\n{BEGIN}");
    text.push_str(&paragraphs(&package.docs));
    for id in package.interfaces.values() {
        text.push_str(&page.interface(*id)?);
    }
    Ok(vec![File { path: PATH, text }])
}

struct Page<'a> {
    contract: Contract<'a>,
}

// === impl Page ===

impl Page<'_> {
    fn interface(&self, id: InterfaceId) -> Result<String, AbiError> {
        let interface = &self.contract.resolve.interfaces[id];
        let name = interface.name.as_deref().unwrap_or_default();
        let mut text = format!("\n## `{name}`\n{}", paragraphs(&interface.docs));
        for (name, id) in &interface.types {
            text.push_str(&self.named(name, *id)?);
        }
        let functions: Vec<_> = interface.functions.values().collect();
        if !functions.is_empty() {
            text.push_str("\n| function | gives | |\n|---|---|---|\n");
        }
        for function in functions {
            text.push_str(&self.function(function)?);
        }
        Ok(text)
    }

    /// A type that the interface defines; one that it uses stands where it is defined.
    fn named(&self, name: &str, id: TypeId) -> Result<String, AbiError> {
        let definition = &self.contract.resolve.types[id];
        let word = definition.kind.as_str();
        let rows = match &definition.kind {
            TypeDefKind::Type(Type::Id(_)) => return Ok(String::new()),
            TypeDefKind::Record(record) => {
                let rows = record.fields.iter();
                let rows = rows.map(|it| self.row(&it.name, Some(&it.ty), &it.docs));
                rows.collect::<Result<String, _>>()?
            }
            TypeDefKind::Variant(variant) => {
                let rows = variant.cases.iter();
                let rows = rows.map(|it| self.row(&it.name, it.ty.as_ref(), &it.docs));
                rows.collect::<Result<String, _>>()?
            }
            TypeDefKind::Enum(choice) => {
                let rows = choice.cases.iter();
                let rows = rows.map(|it| self.row(&it.name, None, &it.docs));
                rows.collect::<Result<String, _>>()?
            }
            TypeDefKind::Flags(flags) => {
                let rows = flags.flags.iter();
                let rows = rows.map(|it| self.row(&it.name, None, &it.docs));
                rows.collect::<Result<String, _>>()?
            }
            _ => String::new(),
        };
        let head = match rows.is_empty() {
            true => "",
            false => "\n| member | type | |\n|---|---|---|\n",
        };
        let about = paragraphs(&definition.docs);
        Ok(format!("\n### {word} `{name}`\n{about}{head}{rows}"))
    }

    fn row(&self, name: &str, ty: Option<&Type>, docs: &Docs) -> Result<String, AbiError> {
        let told = ty.map(|ty| self.contract.told(ty)).transpose()?;
        let (told, about) = (told.unwrap_or_default(), line(docs));
        Ok(format!("| `{name}` | {told} | {about} |\n"))
    }

    fn function(&self, function: &Function) -> Result<String, AbiError> {
        let resource = function.kind.resource();
        let resource = resource.and_then(|id| self.contract.resolve.types[id].name.as_deref());
        let owner = resource.map(|name| format!("{name}.")).unwrap_or_default();
        // A method's first parameter is what it is called on.
        let own = usize::from(resource.is_some());
        let params = function.params.iter().skip(own).map(|param| {
            let told = self.contract.told(&param.ty)?;
            Ok(format!("{}: {}", param.name, told.trim_matches('`')))
        });
        let params = params.collect::<Result<Vec<_>, AbiError>>()?.join(", ");
        let result = function.result.as_ref();
        let told = result.map(|ty| self.contract.told(ty)).transpose()?;
        let (name, told) = (function.item_name(), told.unwrap_or_default());
        let about = line(&function.docs);
        Ok(format!(
            "| `{owner}{name}({params})` | {told} | {about} |\n"
        ))
    }
}

/// What is said, as it stands, between empty lines.
fn paragraphs(docs: &Docs) -> String {
    let text = docs.contents.as_deref().unwrap_or_default().trim();
    match text.is_empty() {
        true => String::new(),
        false => format!("\n{text}\n"),
    }
}

/// What is said, in a cell of a table.
fn line(docs: &Docs) -> String {
    let text = docs.contents.as_deref().unwrap_or_default();
    let words: Vec<_> = text.split_whitespace().collect();
    words.join(" ").replace('|', "\\|")
}
