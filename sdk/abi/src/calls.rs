//! The functions of a contract, as a core module imports and exports them.

#![expect(
    clippy::indexing_slicing,
    reason = "an arena has what its own ids name"
)]

use wit_parser::abi::{AbiVariant, WasmType};
use wit_parser::{
    Function, InterfaceId, LiftLowerAbi, ManglingAndAbi, ResourceIntrinsic, Type, TypeDefKind,
    WasmExport, WasmExportKind, WasmImport, WorldId, WorldItem, WorldKey,
};

use crate::contract::{Contract, constant};
use crate::error::AbiError;
use crate::table::{Core, Export, Group, Import, Param, ParamKind, Signature, World};

/// How names stand in core modules that `wit-component` reads.
pub(crate) const NAMES: ManglingAndAbi = ManglingAndAbi::Legacy(LiftLowerAbi::Sync);

/// A function that some world imports, and what it writes into memory.
pub(crate) struct Found {
    pub(crate) import: Import,
    result: Option<Type>,
}

/// Asks a contract for its functions.
pub(crate) struct Calls<'a> {
    pub(crate) contract: Contract<'a>,
}

impl Calls<'_> {
    /// What the functions of a world are called. Those that it imports are added
    /// where no world before imports them.
    pub(crate) fn world(&self, id: WorldId, imports: &mut Vec<Found>) -> Result<World, AbiError> {
        let world = &self.contract.resolve.worlds[id];
        for (key, item) in &world.imports {
            let WorldItem::Interface { id, .. } = item else {
                return Err(AbiError::Unsupported(
                    self.contract.resolve.name_world_key(key),
                ));
            };
            for found in self.imports(key, *id)? {
                let is_known = |known: &Found| {
                    (&known.import.module, &known.import.field)
                        == (&found.import.module, &found.import.field)
                };
                if !imports.iter().any(is_known) {
                    imports.push(found);
                }
            }
        }
        let Some((key, WorldItem::Interface { id, .. })) = world.exports.first() else {
            return Err(AbiError::Unsupported(world.name.clone()));
        };
        let interface = &self.contract.resolve.interfaces[*id];
        let export = |function| {
            let export = WasmExport::Func {
                interface: Some(key),
                func: function,
                kind: WasmExportKind::Normal,
            };
            Ok(Export {
                name: function.name.clone(),
                field: self.contract.resolve.wasm_export_name(NAMES, export),
                signature: self.signature(AbiVariant::GuestExport, function)?,
            })
        };
        Ok(World {
            name: world.name.clone(),
            interface: interface.name.clone().unwrap_or_default(),
            exports: interface
                .functions
                .values()
                .map(export)
                .collect::<Result<_, _>>()?,
        })
    }

    /// The most that an import writes.
    pub(crate) fn largest_result(&self, imports: &[Found]) -> Group {
        let results = || imports.iter().filter_map(|found| found.result.as_ref());
        let size = results()
            .map(|ty| self.contract.size(ty))
            .max()
            .unwrap_or_default();
        let align = results()
            .map(|ty| self.contract.align(ty))
            .max()
            .unwrap_or(1);
        Group {
            about: "room for what any import gives".to_owned(),
            constants: vec![
                constant("import-result-size-max".to_owned(), size),
                constant("import-result-align-max".to_owned(), align),
            ],
            words: None,
        }
    }

    fn imports(&self, key: &WorldKey, id: InterfaceId) -> Result<Vec<Found>, AbiError> {
        let interface = &self.contract.resolve.interfaces[id];
        let mut found = vec![];
        for (name, id) in &interface.types {
            if !matches!(self.contract.resolve.types[*id].kind, TypeDefKind::Resource) {
                continue;
            }
            let drop = WasmImport::ResourceIntrinsic {
                interface: Some(key),
                resource: *id,
                intrinsic: ResourceIntrinsic::ImportedDrop,
            };
            let (module, field) = self.contract.resolve.wasm_import_name(NAMES, drop);
            let params = vec![Param {
                name: "self".to_owned(),
                kind: ParamKind::Value(Core::I32),
            }];
            found.push(Found {
                import: Import {
                    name: format!("{name}-drop"),
                    module,
                    field,
                    signature: Signature {
                        params,
                        result: None,
                    },
                },
                result: None,
            });
        }
        let name = interface.name.as_deref().unwrap_or_default();
        for function in interface.functions.values() {
            let import = WasmImport::Func {
                interface: Some(key),
                func: function,
            };
            let (module, field) = self.contract.resolve.wasm_import_name(NAMES, import);
            let writes = self
                .contract
                .resolve
                .wasm_signature(AbiVariant::GuestImport, function);
            found.push(Found {
                import: Import {
                    name: self.contract.function_name(name, function),
                    module,
                    field,
                    signature: self.signature(AbiVariant::GuestImport, function)?,
                },
                result: function.result.filter(|_| writes.retptr),
            });
        }
        Ok(found)
    }

    fn signature(&self, variant: AbiVariant, function: &Function) -> Result<Signature, AbiError> {
        let unsupported = || AbiError::Unsupported(function.name.clone());
        let core = self.contract.resolve.wasm_signature(variant, function);
        let mut flat = core.params.iter();
        let mut params = vec![];
        for param in &function.params {
            let mut next = || flat.next().ok_or_else(unsupported);
            let kind = match &param.ty {
                Type::String => {
                    next()?;
                    next()?;
                    ParamKind::Text
                }
                _ => ParamKind::Value(core_of(next()?).ok_or_else(unsupported)?),
            };
            params.push(Param {
                name: param.name.clone(),
                kind,
            });
        }
        if core.retptr && variant == AbiVariant::GuestImport {
            flat.next().ok_or_else(unsupported)?;
            params.push(Param {
                name: "into".to_owned(),
                kind: ParamKind::ResultArea,
            });
        }
        // A parameter of several values would be left over here.
        if flat.next().is_some() || core.indirect_params || core.results.len() > 1 {
            return Err(unsupported());
        }
        let result = core.results.first();
        Ok(Signature {
            params,
            result: result
                .map(|result| core_of(result).ok_or_else(unsupported))
                .transpose()?,
        })
    }
}

fn core_of(ty: &WasmType) -> Option<Core> {
    match ty {
        WasmType::I32 | WasmType::Length => Some(Core::I32),
        WasmType::I64 => Some(Core::I64),
        WasmType::Pointer => Some(Core::Address),
        WasmType::F32 | WasmType::F64 | WasmType::PointerOrI64 => None,
    }
}
