//! From the text of a contract to its table.

#![expect(
    clippy::indexing_slicing,
    reason = "an arena has what its own ids name"
)]

use std::collections::BTreeSet;

use wit_parser::{Resolve, SizeAlign, WasmExport};

use crate::calls::{Calls, NAMES};
use crate::contract::Contract;
use crate::error::AbiError;
use crate::groups::Groups;
use crate::table::{Group, Table};

impl Table {
    /// Reads the text of a contract.
    ///
    /// # Errors
    ///
    /// The contract does not parse, or has something that the table cannot say.
    pub fn read(contract: &str) -> Result<Self, AbiError> {
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
        let mut groups = Groups::new(contract);
        for id in package.interfaces.values() {
            groups.interface(*id)?;
        }
        let calls = Calls { contract };
        let mut imports = vec![];
        let mut worlds = vec![];
        for id in package.worlds.values() {
            worlds.push(calls.world(*id, &mut imports)?);
        }
        let mut groups = groups.into_found();
        groups.push(calls.largest_result(&imports));
        refuse_twice(&groups)?;
        Ok(Self {
            package: package.name.to_string(),
            groups,
            imports: imports.into_iter().map(|found| found.import).collect(),
            worlds,
            realloc: resolve.wasm_export_name(NAMES, WasmExport::Realloc),
        })
    }
}

fn refuse_twice(groups: &[Group]) -> Result<(), AbiError> {
    let mut names = BTreeSet::new();
    let mut all = groups.iter().flat_map(|group| &group.constants);
    match all.find(|constant| !names.insert(&constant.name)) {
        Some(constant) => Err(AbiError::Twice(constant.name.clone())),
        None => Ok(()),
    }
}
