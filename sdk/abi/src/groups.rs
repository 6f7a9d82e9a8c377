//! The numbers of a contract: where things stand, and how large they are.

#![expect(
    clippy::indexing_slicing,
    reason = "an arena has what its own ids name"
)]

use std::collections::BTreeSet;

use wit_parser::abi::AbiVariant;
use wit_parser::{InterfaceId, Type, TypeDefKind, TypeId};

use crate::contract::{Contract, constant};
use crate::error::AbiError;
use crate::table::{Constant, Group, Words};

/// Collects the groups of all interfaces.
pub(crate) struct Groups<'a> {
    contract: Contract<'a>,
    found: Vec<Group>,
    /// Names of the options and results that have a group.
    seen: BTreeSet<String>,
}

impl<'a> Groups<'a> {
    pub(crate) fn new(contract: Contract<'a>) -> Self {
        let mut groups = Self {
            contract,
            found: vec![],
            seen: BTreeSet::new(),
        };
        groups.found.push(groups.strings_and_lists());
        groups
    }

    pub(crate) fn into_found(self) -> Vec<Group> {
        self.found
    }

    /// What every text and every list is: a place and a length.
    fn strings_and_lists(&self) -> Group {
        let half = self.contract.size(&Type::String) / 2;
        let mut constants = vec![];
        for name in ["string", "list"] {
            constants.extend(self.contract.extent(name, &Type::String));
            constants.push(constant(format!("{name}-data"), 0));
            constants.push(constant(format!("{name}-length"), half));
        }
        Group {
            about: "`string` and `list`: a place, and a number of units or of elements".to_owned(),
            constants,
            words: None,
        }
    }

    pub(crate) fn interface(&mut self, id: InterfaceId) -> Result<(), AbiError> {
        let interface = &self.contract.resolve.interfaces[id];
        for (name, id) in &interface.types {
            self.named(name, *id)?;
        }
        let name = interface.name.as_deref().unwrap_or_default();
        for function in interface.functions.values() {
            let types = function.params.iter().map(|param| &param.ty);
            for ty in types.chain(&function.result) {
                self.anonymous(ty)?;
            }
            let writes = self
                .contract
                .resolve
                .wasm_signature(AbiVariant::GuestImport, function);
            if let (Some(ty), true) = (&function.result, writes.retptr) {
                let called = format!("{name}.{}", function.item_name());
                let name = format!("{}-result", self.contract.function_name(name, function));
                self.found.push(Group {
                    about: format!("what `{called}` gives: {}", self.contract.told(ty)?),
                    constants: self.contract.extent(&name, ty).into(),
                    words: None,
                });
            }
        }
        Ok(())
    }

    /// A type that the contract names.
    fn named(&mut self, name: &str, id: TypeId) -> Result<(), AbiError> {
        let ty = Type::Id(id);
        let kind = &self.contract.resolve.types[id].kind;
        let mut constants = match kind {
            TypeDefKind::Type(_) => return Ok(()),
            TypeDefKind::Resource => {
                self.found.push(handle(name));
                return Ok(());
            }
            _ => Vec::from(self.contract.extent(name, &ty)),
        };
        match kind {
            TypeDefKind::Record(record) => {
                let types = record.fields.iter().map(|field| &field.ty);
                let offsets = self.contract.sizes.field_offsets(types);
                for (field, (offset, ty)) in record.fields.iter().zip(offsets) {
                    let name = format!("{name}-{}", field.name);
                    constants.push(constant(name, offset.size_wasm32()));
                    self.anonymous(ty)?;
                }
            }
            TypeDefKind::Variant(variant) => {
                let types = variant.cases.iter().map(|case| case.ty.as_ref());
                let payload = self.contract.sizes.payload_offset(variant.tag(), types);
                constants.push(constant(format!("{name}-payload"), payload.size_wasm32()));
                let cases = variant.cases.iter().map(|case| case.name.as_str());
                constants.extend(numbered(name, cases));
                for ty in variant.cases.iter().filter_map(|case| case.ty.as_ref()) {
                    self.anonymous(ty)?;
                }
            }
            TypeDefKind::Enum(choice) => {
                let cases = choice.cases.iter().map(|case| case.name.as_str());
                constants.extend(numbered(name, cases));
            }
            TypeDefKind::Flags(flags) => {
                for (index, flag) in flags.flags.iter().enumerate() {
                    constants.push(constant(format!("{name}-{}", flag.name), 1 << index));
                }
            }
            _ => return Err(AbiError::Unsupported(name.to_owned())),
        }
        let words = match kind {
            TypeDefKind::Enum(choice) => choice.cases.iter().map(|case| &case.name).collect(),
            TypeDefKind::Flags(flags) => flags.flags.iter().map(|flag| &flag.name).collect(),
            TypeDefKind::Variant(variant) => variant.cases.iter().map(|case| &case.name).collect(),
            _ => Vec::new(),
        };
        self.found.push(Group {
            about: format!("{} `{name}`", kind.as_str()),
            constants,
            words: (!words.is_empty()).then(|| Words {
                name: name.to_owned(),
                words: words.into_iter().cloned().collect(),
            }),
        });
        Ok(())
    }

    /// A type that is written where it is used: an option or a result has a group
    /// of its own, and what is in it too.
    fn anonymous(&mut self, ty: &Type) -> Result<(), AbiError> {
        let Type::Id(id) = ty else { return Ok(()) };
        if self.contract.resolve.types[*id].name.is_some() {
            return Ok(());
        }
        let name = self.contract.name(ty)?;
        match &self.contract.resolve.types[*id].kind {
            TypeDefKind::List(item) => self.anonymous(item),
            TypeDefKind::Option(item) => {
                self.anonymous(item)?;
                self.choice(&name, ty, [("none", None), ("some", Some(item))])
            }
            TypeDefKind::Result(result) => {
                for item in result.ok.iter().chain(&result.err) {
                    self.anonymous(item)?;
                }
                let cases = [("ok", result.ok.as_ref()), ("err", result.err.as_ref())];
                self.choice(&name, ty, cases)
            }
            _ => Ok(()),
        }
    }

    fn choice(
        &mut self,
        name: &str,
        ty: &Type,
        cases: [(&str, Option<&Type>); 2],
    ) -> Result<(), AbiError> {
        if !self.seen.insert(name.to_owned()) {
            return Ok(());
        }
        let mut constants = Vec::from(self.contract.extent(name, ty));
        let payload = self
            .contract
            .sizes
            .payload_offset(wit_parser::Int::U8, cases.map(|(_, ty)| ty));
        constants.push(constant(format!("{name}-payload"), payload.size_wasm32()));
        constants.extend(numbered(name, cases.into_iter().map(|(case, _)| case)));
        self.found.push(Group {
            about: self.contract.told(ty)?,
            constants,
            words: None,
        });
        Ok(())
    }
}

/// A resource is known by a handle, which is a 32-bit number.
fn handle(name: &str) -> Group {
    let bytes = size_of::<u32>();
    Group {
        about: format!("handle of `{name}`"),
        constants: vec![
            constant(format!("{name}-size"), bytes),
            constant(format!("{name}-align"), bytes),
        ],
        words: None,
    }
}

fn numbered<'a>(
    name: &'a str,
    cases: impl Iterator<Item = &'a str> + 'a,
) -> impl Iterator<Item = Constant> + 'a {
    cases
        .enumerate()
        .map(move |(index, case)| constant(format!("{name}-case-{case}"), index))
}
