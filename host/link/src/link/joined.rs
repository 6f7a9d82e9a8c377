//! One core module of several: what one imported from another becomes a reference
//! within it.

use std::collections::{HashMap, HashSet};

use wasm_encoder::reencode::Reencode as _;
use wasm_encoder::{
    CodeSection, DataCountSection, DataSection, ElementSection, EntityType, ExportKind,
    ExportSection, FunctionSection, GlobalSection, ImportSection, MemorySection, Module,
    StartSection, TableSection, TypeSection,
};

use crate::error::{Context as _, Result};

use super::moved::Moved;
use super::outline::{Kind, Outline};
use super::plan::{Definition, Plan};
use super::reach::{Meanings, Reach};

/// The module that functions of the host are imported from.
pub(super) const HOST: &str = "host";

/// One core module, and how it is connected.
pub(super) struct Joined {
    pub(super) module: Vec<u8>,
    /// The functions of the host that it imports, by their index in the component;
    /// each is called by its place here.
    pub(super) imports: Vec<u32>,
    /// What it exports.
    pub(super) names: HashMap<Definition, String>,
}

/// Where everything is in the result.
#[derive(Default)]
struct Places {
    places: HashMap<Definition, u32>,
    next: HashMap<Kind, u32>,
}

/// The sections of the result.
#[derive(Default)]
struct Sections {
    types: TypeSection,
    imports: ImportSection,
    functions: FunctionSection,
    tables: TableSection,
    memories: MemorySection,
    globals: GlobalSection,
    exports: ExportSection,
    start: Option<StartSection>,
    elements: ElementSection,
    code: CodeSection,
    data: DataSection,
}

/// Joins the linked modules of a plan; `wanted` is what the rest of the component
/// uses of them, with a name each.
pub(super) fn join(plan: &Plan<'_>, wanted: &[(&str, Definition)]) -> Result<Joined> {
    let meanings = Meanings::of(plan)?;
    let definitions = wanted.iter().map(|(_, definition)| *definition);
    let reach = Reach::of(plan, &meanings, definitions)?;
    let mut places = Places::default();
    let imports = places.add_imports(&reach);
    for &instance in &plan.linked {
        places.add_instance(plan.outline(instance)?, instance, &reach)?;
    }

    let mut sections = Sections::default();
    let mut has_data_count = false;
    let mut import_types = HashMap::new();
    let (mut types, mut elements, mut data) = (0, 0, 0);
    for &instance in &plan.linked {
        let outline = plan.outline(instance)?;
        let mut moved = Moved {
            functions: places.of(&meanings, instance, Kind::Func),
            tables: places.of(&meanings, instance, Kind::Table),
            memories: places.of(&meanings, instance, Kind::Memory),
            globals: places.of(&meanings, instance, Kind::Global),
            constants: reach.constants_of(&meanings, instance),
            types,
            elements,
            data,
        };
        let imported = meanings.all(instance, Kind::Func).iter();
        for (meaning, type_index) in imported.zip(&outline.imported_types) {
            import_types.insert(*meaning, moved.type_index(*type_index)?);
        }
        sections.add(outline, instance, &reach, &mut moved)?;
        types += outline.type_count;
        elements += u32::try_from(outline.elements.len())?;
        data += u32::try_from(outline.data.len())?;
        has_data_count |= outline.has_data_count;
    }
    sections.add_imports(&imports, &import_types)?;
    let names = sections.add_exports(wanted, &places)?;
    Ok(Joined {
        module: sections.finish(has_data_count),
        imports,
        names,
    })
}

// === impl Places ===

impl Places {
    fn add(&mut self, kind: Kind, definition: Definition) {
        let next = self.next.entry(kind).or_default();
        self.places.insert(definition, *next);
        *next += 1;
    }

    fn add_imports(&mut self, reach: &Reach) -> Vec<u32> {
        let mut imports = Vec::new();
        for function in &reach.functions {
            if let Definition::Host(index) = function {
                self.add(Kind::Func, *function);
                imports.push(*index);
            }
        }
        imports
    }

    fn add_instance(&mut self, outline: &Outline<'_>, instance: u32, reach: &Reach) -> Result<()> {
        for kind in Kind::ALL {
            for index in 0..u32::try_from(outline.defined_count(kind))? {
                let definition = Definition::Defined(instance, kind, index);
                if reach.needs(definition) {
                    self.add(kind, definition);
                }
            }
        }
        Ok(())
    }

    fn of(&self, meanings: &Meanings, instance: u32, kind: Kind) -> Vec<Option<u32>> {
        let meanings = meanings.all(instance, kind).iter();
        meanings.map(|it| self.places.get(it).copied()).collect()
    }
}

// === impl Sections ===

impl Sections {
    fn add_imports(&mut self, imports: &[u32], types: &HashMap<Definition, u32>) -> Result<()> {
        for index in imports {
            let type_index = types.get(&Definition::Host(*index)).copied();
            let type_index = type_index.context("a function of the host has no type")?;
            let entity = EntityType::Function(type_index);
            self.imports.import(HOST, &index.to_string(), entity);
        }
        Ok(())
    }

    fn add(
        &mut self,
        outline: &Outline<'_>,
        instance: u32,
        reach: &Reach,
        moved: &mut Moved,
    ) -> Result<()> {
        if let Some(types) = outline.types.clone() {
            moved.parse_type_section(&mut self.types, types)?;
        }
        for table in &outline.tables {
            moved.parse_table(&mut self.tables, table.clone())?;
        }
        for memory in &outline.memories {
            self.memories.memory(moved.memory_type(*memory)?);
        }
        for (index, global) in (0..).zip(&outline.globals) {
            if reach.needs(Definition::Defined(instance, Kind::Global, index)) {
                moved.parse_global(&mut self.globals, global.clone())?;
            }
        }
        for ((index, type_index), body) in (0..).zip(&outline.functions).zip(&outline.bodies) {
            if reach.needs(Definition::Defined(instance, Kind::Func, index)) {
                self.functions.function(moved.type_index(*type_index)?);
                moved.parse_function_body(&mut self.code, body.clone())?;
            }
        }
        if let Some(start) = outline.start {
            let function_index = moved.function_index(start)?;
            self.start = Some(StartSection { function_index });
        }
        for element in &outline.elements {
            moved.parse_element(&mut self.elements, element.clone())?;
        }
        for data in &outline.data {
            moved.parse_data(&mut self.data, data.clone())?;
        }
        Ok(())
    }

    fn add_exports(
        &mut self,
        wanted: &[(&str, Definition)],
        places: &Places,
    ) -> Result<HashMap<Definition, String>> {
        let mut names: HashMap<Definition, String> = HashMap::new();
        let mut taken = HashSet::new();
        for (number, (name, definition)) in wanted.iter().enumerate() {
            if names.contains_key(definition) {
                continue;
            }
            let mut name = (*name).to_owned();
            while !taken.insert(name.clone()) {
                name = format!("{number} {name}");
            }
            let place = places.places.get(definition).copied();
            let place = place.with_context(|| format!("`{name}` is lost"))?;
            self.exports
                .export(&name, ExportKind::from(definition.kind()), place);
            names.insert(*definition, name);
        }
        Ok(names)
    }

    fn finish(self, has_data_count: bool) -> Vec<u8> {
        let mut module = Module::new();
        module.section(&self.types).section(&self.imports);
        module.section(&self.functions).section(&self.tables);
        module.section(&self.memories).section(&self.globals);
        module.section(&self.exports);
        if let Some(start) = self.start {
            module.section(&start);
        }
        module.section(&self.elements);
        if has_data_count {
            let count = self.data.len();
            module.section(&DataCountSection { count });
        }
        module.section(&self.code).section(&self.data);
        module.finish()
    }
}
