//! From the text of the contract to its table.

use std::collections::BTreeSet;

use wit_parser::abi::{AbiVariant, WasmType};
use wit_parser::{
    Function, InterfaceId, LiftLowerAbi, ManglingAndAbi, Resolve, ResourceIntrinsic, SizeAlign,
    Type, TypeDefKind, TypeId, WasmExport, WasmExportKind, WasmImport, WorldId, WorldItem,
    WorldKey,
};

use crate::table::{
    Constant, Core, Export, Group, Import, Param, ParamKind, Signature, Table, Words, World,
};

/// How names stand in core modules that `wit-component` reads.
const NAMES: ManglingAndAbi = ManglingAndAbi::Legacy(LiftLowerAbi::Sync);

/// Why there is no table.
#[derive(Debug, thiserror::Error)]
pub enum AbiError {
    /// The text is no WIT package.
    #[error("the contract does not parse: {0}")]
    Contract(String),
    /// A type, or a signature, that the tables have no word for.
    #[error("the tables cannot say what `{0}` is\n  hint: teach `sdk/abi` that kind of type")]
    Unsupported(String),
    /// Two numbers would have the same name.
    #[error("two constants are called `{0}`\n  hint: call one of the types differently")]
    Twice(String),
}

impl Table {
    /// Reads the text of a contract.
    ///
    /// # Errors
    ///
    /// The contract does not parse, or has something that the table cannot say.
    pub fn read(contract: &str) -> Result<Self, AbiError> {
        let unreadable = |error: String| AbiError::Contract(error);
        let mut resolve = Resolve::default();
        let package = resolve
            .push_source("policy.wit", contract)
            .map_err(|error| unreadable(format!("{error:#}")))?;
        let mut sizes = SizeAlign::default();
        sizes
            .fill(&resolve)
            .map_err(|error| unreadable(format!("{error:#}")))?;
        let mut reader = Reader {
            resolve: &resolve,
            sizes: &sizes,
            groups: vec![],
            seen: BTreeSet::new(),
        };
        reader.groups.push(reader.strings_and_lists());
        let package = &resolve.packages[package];
        for id in package.interfaces.values() {
            reader.interface(*id)?;
        }
        let mut imports = vec![];
        let mut worlds = vec![];
        for id in package.worlds.values() {
            worlds.push(reader.world(*id, &mut imports)?);
        }
        let largest = reader.largest_result(&imports);
        let imports = imports.into_iter().map(|found| found.import).collect();
        let mut groups = reader.groups;
        groups.push(largest);
        refuse_twice(&groups)?;
        Ok(Self {
            package: package.name.to_string(),
            groups,
            imports,
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

/// A function that some world imports, and what it writes into memory.
struct Found {
    import: Import,
    result: Option<Type>,
}

struct Reader<'a> {
    resolve: &'a Resolve,
    sizes: &'a SizeAlign,
    groups: Vec<Group>,
    /// Names of the options and results that have a group.
    seen: BTreeSet<String>,
}

impl Reader<'_> {
    /// What every text and every list is: a place and a length.
    fn strings_and_lists(&self) -> Group {
        let half = self.size(&Type::String) / 2;
        let mut constants = vec![];
        for name in ["string", "list"] {
            constants.extend(self.extent(name, &Type::String));
            constants.push(constant(format!("{name}-data"), 0));
            constants.push(constant(format!("{name}-length"), half));
        }
        Group {
            about: "`string` and `list`: a place, and a number of units or of elements".to_owned(),
            constants,
            words: None,
        }
    }

    fn interface(&mut self, id: InterfaceId) -> Result<(), AbiError> {
        let interface = &self.resolve.interfaces[id];
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
                .resolve
                .wasm_signature(AbiVariant::GuestImport, function);
            if let (Some(ty), true) = (&function.result, writes.retptr) {
                let called = format!("{name}.{}", function.item_name());
                let name = format!("{}-result", self.function_name(name, function));
                self.groups.push(Group {
                    about: format!("what `{called}` gives: {}", self.told(ty)?),
                    constants: self.extent(&name, ty).into(),
                    words: None,
                });
            }
        }
        Ok(())
    }

    /// A type that the contract names.
    fn named(&mut self, name: &str, id: TypeId) -> Result<(), AbiError> {
        let ty = Type::Id(id);
        let kind = &self.resolve.types[id].kind;
        let mut constants = match kind {
            TypeDefKind::Type(_) => return Ok(()),
            TypeDefKind::Resource => {
                self.groups.push(handle(name));
                return Ok(());
            }
            _ => Vec::from(self.extent(name, &ty)),
        };
        match kind {
            TypeDefKind::Record(record) => {
                let types = record.fields.iter().map(|field| &field.ty);
                let offsets = self.sizes.field_offsets(types);
                for (field, (offset, ty)) in record.fields.iter().zip(offsets) {
                    let name = format!("{name}-{}", field.name);
                    constants.push(constant(name, offset.size_wasm32()));
                    self.anonymous(ty)?;
                }
            }
            TypeDefKind::Variant(variant) => {
                let types = variant.cases.iter().map(|case| case.ty.as_ref());
                let payload = self.sizes.payload_offset(variant.tag(), types);
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
        self.groups.push(Group {
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
        if self.resolve.types[*id].name.is_some() {
            return Ok(());
        }
        let name = self.name(ty)?;
        match &self.resolve.types[*id].kind {
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
        let mut constants = Vec::from(self.extent(name, ty));
        let payload = self
            .sizes
            .payload_offset(wit_parser::Int::U8, cases.map(|(_, ty)| ty));
        constants.push(constant(format!("{name}-payload"), payload.size_wasm32()));
        constants.extend(numbered(name, cases.into_iter().map(|(case, _)| case)));
        self.groups.push(Group {
            about: self.told(ty)?,
            constants,
            words: None,
        });
        Ok(())
    }

    /// What the functions of a world are called. Those that it imports are added
    /// where no world before imports them.
    fn world(&self, id: WorldId, imports: &mut Vec<Found>) -> Result<World, AbiError> {
        let world = &self.resolve.worlds[id];
        for (key, item) in &world.imports {
            let WorldItem::Interface { id, .. } = item else {
                return Err(AbiError::Unsupported(self.resolve.name_world_key(key)));
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
        let interface = &self.resolve.interfaces[*id];
        let export = |function| {
            let export = WasmExport::Func {
                interface: Some(key),
                func: function,
                kind: WasmExportKind::Normal,
            };
            Ok(Export {
                name: function.name.clone(),
                field: self.resolve.wasm_export_name(NAMES, export),
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

    fn imports(&self, key: &WorldKey, id: InterfaceId) -> Result<Vec<Found>, AbiError> {
        let interface = &self.resolve.interfaces[id];
        let mut found = vec![];
        for (name, id) in &interface.types {
            if !matches!(self.resolve.types[*id].kind, TypeDefKind::Resource) {
                continue;
            }
            let drop = WasmImport::ResourceIntrinsic {
                interface: Some(key),
                resource: *id,
                intrinsic: ResourceIntrinsic::ImportedDrop,
            };
            let (module, field) = self.resolve.wasm_import_name(NAMES, drop);
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
            let (module, field) = self.resolve.wasm_import_name(NAMES, import);
            let writes = self
                .resolve
                .wasm_signature(AbiVariant::GuestImport, function);
            found.push(Found {
                import: Import {
                    name: self.function_name(name, function),
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
        let core = self.resolve.wasm_signature(variant, function);
        let mut flat = core.params.iter();
        let mut params = vec![];
        for param in &function.params {
            let mut next = || flat.next().ok_or_else(unsupported);
            let kind = match &param.ty {
                Type::String => {
                    (next()?, next()?);
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

    /// The most that an import writes.
    fn largest_result(&self, imports: &[Found]) -> Group {
        let results = || imports.iter().filter_map(|found| found.result.as_ref());
        let size = results().map(|ty| self.size(ty)).max().unwrap_or_default();
        let align = results().map(|ty| self.align(ty)).max().unwrap_or(1);
        Group {
            about: "room for what any import gives".to_owned(),
            constants: vec![
                constant("import-result-size-max".to_owned(), size),
                constant("import-result-align-max".to_owned(), align),
            ],
            words: None,
        }
    }

    /// `caller-id`, or `node-kind` of a method.
    fn function_name(&self, interface: &str, function: &Function) -> String {
        match function.kind.resource() {
            Some(id) => {
                let resource = self.resolve.types[id].name.as_deref().unwrap_or_default();
                format!("{resource}-{}", function.item_name())
            }
            None => format!("{interface}-{}", function.name),
        }
    }

    /// The name of a type in the names of constants.
    fn name(&self, ty: &Type) -> Result<String, AbiError> {
        self.spelled(ty, &|outer, inner| format!("{outer}-{}", inner.join("-")))
    }

    /// A type as the contract writes it.
    fn told(&self, ty: &Type) -> Result<String, AbiError> {
        let told = self.spelled(ty, &|outer, inner| format!("{outer}<{}>", inner.join(", ")))?;
        Ok(format!("`{}`", told.replace("none", "_")))
    }

    fn spelled(
        &self,
        ty: &Type,
        nest: &dyn Fn(&str, &[String]) -> String,
    ) -> Result<String, AbiError> {
        let id = match ty {
            Type::Bool => return Ok("bool".to_owned()),
            Type::U8 => return Ok("u8".to_owned()),
            Type::U32 => return Ok("u32".to_owned()),
            Type::U64 => return Ok("u64".to_owned()),
            Type::S64 => return Ok("s64".to_owned()),
            Type::String => return Ok("string".to_owned()),
            Type::Id(id) => *id,
            other => return Err(AbiError::Unsupported(format!("{other:?}"))),
        };
        let definition = &self.resolve.types[id];
        if let Some(name) = &definition.name {
            return Ok(name.clone());
        }
        match &definition.kind {
            TypeDefKind::Type(ty) => self.spelled(ty, nest),
            TypeDefKind::Option(item) => Ok(nest("option", &[self.spelled(item, nest)?])),
            TypeDefKind::List(item) => Ok(nest("list", &[self.spelled(item, nest)?])),
            TypeDefKind::Result(result) => {
                let part = |ty: &Option<Type>| match ty {
                    Some(ty) => self.spelled(ty, nest),
                    None => Ok("none".to_owned()),
                };
                Ok(nest("result", &[part(&result.ok)?, part(&result.err)?]))
            }
            TypeDefKind::Handle(wit_parser::Handle::Own(id) | wit_parser::Handle::Borrow(id)) => {
                self.spelled(&Type::Id(*id), nest)
            }
            kind => Err(AbiError::Unsupported(kind.as_str().to_owned())),
        }
    }

    fn extent(&self, name: &str, ty: &Type) -> [Constant; 2] {
        [
            constant(format!("{name}-size"), self.size(ty)),
            constant(format!("{name}-align"), self.align(ty)),
        ]
    }

    fn size(&self, ty: &Type) -> usize {
        self.sizes.size(ty).size_wasm32()
    }

    fn align(&self, ty: &Type) -> usize {
        self.sizes.align(ty).align_wasm32()
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

fn constant(name: String, value: usize) -> Constant {
    Constant { name, value }
}

fn numbered<'a>(
    name: &'a str,
    cases: impl Iterator<Item = &'a str> + 'a,
) -> impl Iterator<Item = Constant> + 'a {
    cases
        .enumerate()
        .map(move |(index, case)| constant(format!("{name}-case-{case}"), index))
}

fn core_of(ty: &WasmType) -> Option<Core> {
    match ty {
        WasmType::I32 | WasmType::Length => Some(Core::I32),
        WasmType::I64 => Some(Core::I64),
        WasmType::Pointer => Some(Core::Address),
        WasmType::F32 | WasmType::F64 | WasmType::PointerOrI64 => None,
    }
}
