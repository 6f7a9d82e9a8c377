//! The component around the joined module: every item that is left, in an order in
//! which each finds what it refers to.

use std::collections::hash_map::Entry;
use std::collections::{BTreeSet, HashMap};
use std::convert::Infallible;

use wasm_encoder::reencode::{self, Reencode, ReencodeComponent};
use wasm_encoder::{
    Alias, CanonicalFunctionSection, Component, ComponentAliasSection, ComponentExportSection,
    ComponentImportSection, ComponentInstanceSection, ComponentSectionId, ComponentTypeSection,
    CoreTypeSection, ExportKind, InstanceSection, ModuleArg, RawSection,
};
use wasmparser::{ComponentAlias, Instance};

use super::items::Item;
use super::joined::{HOST, Joined, join};
use super::outline::Kind;
use super::plan::{Definition, Plan};
use crate::error::{Context as _, LinkError, Result};
use crate::flatten::{NOWHERE, Space};

type Reencoded<T> = Result<T, reencode::Error<Infallible>>;

/// A component that is being written.
#[derive(Default)]
struct Rewritten {
    /// What is written, without the header.
    sections: Vec<u8>,
    /// From the indices of the component that is read to those of the result.
    places: HashMap<(Space, u32), u32>,
    written: HashMap<Space, u32>,
    /// What was asked for and is not written yet.
    missing: BTreeSet<(Space, u32)>,
    /// How deep in a type that has index spaces of its own.
    type_depth: u32,
}

/// A component with the linked instances of a plan as one.
pub(super) fn rewrite(plan: &Plan<'_>) -> Result<Vec<u8>> {
    let mut rewritten = Rewritten::default();
    let mut waiting = Vec::new();
    for (item, index) in &plan.items {
        if is_core(item) || !rewritten.write(item, *index)? {
            waiting.push((item, *index));
        }
    }
    let wanted = wanted(plan, &waiting)?;
    rewritten.write_joined(plan, &wanted)?;
    for (item, index) in waiting {
        let is_wanted = match item {
            Item::Module(_) | Item::CoreInstance(_) | Item::Alias(_) if is_core(item) => {
                wanted.contains(&(item.space(), index))
            }
            _ => true,
        };
        let is_there = rewritten.places.contains_key(&(item.space(), index));
        if is_wanted && !is_there && !rewritten.write(item, index)? {
            let missing = format!("an item refers to {:?}", rewritten.missing);
            return Err(LinkError::refused(missing));
        }
    }
    let mut component = Component::HEADER.to_vec();
    component.append(&mut rewritten.sections);
    Ok(component)
}

/// Core modules, their instances and what these export: they are written only if
/// something that is left refers to them.
fn is_core(item: &Item<'_>) -> bool {
    matches!(
        item,
        Item::Module(_)
            | Item::CoreInstance(_)
            | Item::Alias(ComponentAlias::CoreInstanceExport { .. })
    )
}

/// The core items that are needed of those that wait.
fn wanted(plan: &Plan<'_>, waiting: &[(&Item<'_>, u32)]) -> Result<BTreeSet<(Space, u32)>> {
    let mut wanted = BTreeSet::new();
    // What refers to an item comes behind it.
    for (item, index) in waiting.iter().rev() {
        let is_late = match item {
            Item::CoreInstance(Instance::Instantiate { .. }) => !plan.linked.contains(index),
            item => !is_core(item) || wanted.contains(&(item.space(), *index)),
        };
        if !is_late || plan.is_linked(item, *index) {
            continue;
        }
        wanted.insert((item.space(), *index));
        let mut asked = Rewritten::default();
        asked.write(item, *index)?;
        wanted.append(&mut asked.missing);
    }
    Ok(wanted)
}

// === impl Rewritten ===

impl Rewritten {
    /// Writes an item, unless it refers to one that is not there yet.
    fn write(&mut self, item: &Item<'_>, index: u32) -> Result<bool> {
        self.missing.clear();
        let mut component = Component::new();
        self.encode(&mut component, item)?;
        if !self.missing.is_empty() {
            return Ok(false);
        }
        self.append(&component);
        let place = self.next(item.space());
        self.places.insert((item.space(), index), place);
        Ok(true)
    }

    fn append(&mut self, component: &Component) {
        let sections = component.as_slice().get(Component::HEADER.len()..);
        self.sections
            .extend_from_slice(sections.unwrap_or_default());
    }

    fn next(&mut self, space: Space) -> u32 {
        let written = self.written.entry(space).or_default();
        let place = *written;
        *written += 1;
        place
    }

    fn encode(&mut self, component: &mut Component, item: &Item<'_>) -> Reencoded<()> {
        match item {
            Item::Module(data) => raw(component, ComponentSectionId::CoreModule, data),
            Item::Component(data) => raw(component, ComponentSectionId::Component, data),
            Item::Type(declared) => {
                let mut types = ComponentTypeSection::new();
                self.parse_component_type(types.ty(), declared.clone())?;
                component.section(&types);
            }
            Item::CoreType(declared) => {
                let mut types = CoreTypeSection::new();
                self.parse_component_core_type(types.ty(), declared.clone())?;
                component.section(&types);
            }
            Item::Import(import) => {
                let mut imports = ComponentImportSection::new();
                let declared = self.component_type_ref(import.ty)?;
                imports.import(import.name.name, declared);
                component.section(&imports);
            }
            Item::Canonical(function) => {
                let mut functions = CanonicalFunctionSection::new();
                self.parse_component_canonical(&mut functions, function.clone())?;
                component.section(&functions);
            }
            Item::Alias(alias) => {
                let mut aliases = ComponentAliasSection::new();
                aliases.alias(self.component_alias(alias.clone())?);
                component.section(&aliases);
            }
            Item::CoreInstance(instance) => {
                let mut instances = InstanceSection::new();
                self.parse_instance(&mut instances, instance.clone())?;
                component.section(&instances);
            }
            Item::Instance(instance) => {
                let mut instances = ComponentInstanceSection::new();
                self.parse_component_instance(&mut instances, instance.clone())?;
                component.section(&instances);
            }
            Item::Export(export) => {
                let mut exports = ComponentExportSection::new();
                self.parse_component_export(&mut exports, export.clone())?;
                component.section(&exports);
            }
        }
        Ok(())
    }

    /// The joined module, its instance, and what the rest of the component refers to
    /// of those that it stands for: an alias for each item, a list for an instance.
    fn write_joined(&mut self, plan: &Plan<'_>, wanted: &BTreeSet<(Space, u32)>) -> Result<()> {
        let mut items = Vec::new();
        let mut lists = Vec::new();
        for (space, index) in wanted {
            if let Some(kind) = kind_of(*space) {
                let exported = plan.exported((kind, *index))?;
                items.extend(exported.map(|(name, it)| ((*space, *index), name, it)));
            } else if *space == Space::CoreInstance && plan.linked.contains(index) {
                lists.push((*index, plan.exports(*index)?));
            }
        }
        let named = items.iter().map(|(_, name, it)| (*name, *it));
        let listed = lists
            .iter()
            .flat_map(|(_, exports)| exports.iter().copied());
        let named: Vec<_> = named.chain(listed).collect();
        let joined = join(plan, &named)?;

        let instance = self.write_instance(&joined)?;
        let mut aliases = HashMap::new();
        for (_, definition) in named {
            if let Entry::Vacant(alias) = aliases.entry(definition) {
                alias.insert(self.write_alias(&joined, instance, definition)?);
            }
        }
        let place = |definition| {
            aliases
                .get(&definition)
                .copied()
                .context("an alias is lost")
        };
        for (item, _, definition) in items {
            self.places.insert(item, place(definition)?);
        }
        for (index, exports) in lists {
            let mut list = Vec::new();
            for (name, definition) in exports {
                list.push((
                    name,
                    ExportKind::from(definition.kind()),
                    place(definition)?,
                ));
            }
            let mut instances = InstanceSection::new();
            instances.export_items(list);
            self.append(Component::new().section(&instances));
            let place = self.next(Space::CoreInstance);
            self.places.insert((Space::CoreInstance, index), place);
        }
        Ok(())
    }

    fn write_instance(&mut self, joined: &Joined) -> Result<u32> {
        let mut component = Component::new();
        raw(
            &mut component,
            ComponentSectionId::CoreModule,
            &joined.module,
        );
        let module = self.next(Space::CoreModule);
        let mut arguments = Vec::new();
        for index in &joined.imports {
            let place = self.places.get(&(Space::CoreFunc, *index)).copied();
            let place = place.context("a function of the host is not there")?;
            arguments.push((index.to_string(), ExportKind::Func, place));
        }
        let mut instances = InstanceSection::new();
        let host = self.next(Space::CoreInstance);
        let arguments = arguments.iter();
        instances.export_items(arguments.map(|(name, kind, place)| (name.as_str(), *kind, *place)));
        let instance = self.next(Space::CoreInstance);
        instances.instantiate(module, [(HOST, ModuleArg::Instance(host))]);
        self.append(component.section(&instances));
        Ok(instance)
    }

    fn write_alias(
        &mut self,
        joined: &Joined,
        instance: u32,
        definition: Definition,
    ) -> Result<u32> {
        let kind = match definition {
            Definition::Host(index) => {
                let place = self.places.get(&(Space::CoreFunc, index)).copied();
                return place.context("a function of the host is not there");
            }
            Definition::Defined(_, kind, _) => kind,
        };
        let name = joined.names.get(&definition);
        let mut aliases = ComponentAliasSection::new();
        aliases.alias(Alias::CoreInstanceExport {
            instance,
            kind: kind.into(),
            name: name.context("an export is lost")?,
        });
        self.append(Component::new().section(&aliases));
        Ok(self.next(kind.into()))
    }

    /// From an index of the component that is read; inside of a type, indices are
    /// the type's own.
    fn inner(&mut self, space: Space, index: u32) -> u32 {
        self.outer(0, space, index)
    }

    /// The same for so many types further out.
    fn outer(&mut self, count: u32, space: Space, index: u32) -> u32 {
        if count != self.type_depth {
            return index;
        }
        let place = self.places.get(&(space, index)).copied();
        place.unwrap_or_else(|| {
            self.missing.insert((space, index));
            NOWHERE
        })
    }
}

impl Reencode for Rewritten {
    type Error = Infallible;

    fn function_index(&mut self, index: u32) -> Reencoded<u32> {
        Ok(self.inner(Space::CoreFunc, index))
    }

    fn global_index(&mut self, index: u32) -> Reencoded<u32> {
        Ok(self.inner(Space::CoreGlobal, index))
    }

    fn memory_index(&mut self, index: u32) -> Reencoded<u32> {
        Ok(self.inner(Space::CoreMemory, index))
    }

    fn table_index(&mut self, index: u32) -> Reencoded<u32> {
        Ok(self.inner(Space::CoreTable, index))
    }

    fn type_index(&mut self, index: u32) -> Reencoded<u32> {
        Ok(self.inner(Space::CoreType, index))
    }
}

impl ReencodeComponent for Rewritten {
    fn component_type_index(&mut self, index: u32) -> u32 {
        self.inner(Space::Type, index)
    }

    fn component_instance_index(&mut self, index: u32) -> u32 {
        self.inner(Space::Instance, index)
    }

    fn component_func_index(&mut self, index: u32) -> u32 {
        self.inner(Space::Func, index)
    }

    fn component_index(&mut self, index: u32) -> u32 {
        self.inner(Space::Component, index)
    }

    fn module_index(&mut self, index: u32) -> u32 {
        self.inner(Space::CoreModule, index)
    }

    fn instance_index(&mut self, index: u32) -> u32 {
        self.inner(Space::CoreInstance, index)
    }

    fn outer_component_type_index(&mut self, count: u32, index: u32) -> u32 {
        self.outer(count, Space::Type, index)
    }

    fn push_depth(&mut self) {
        self.type_depth = self.type_depth.saturating_add(1);
    }

    fn pop_depth(&mut self) {
        self.type_depth = self.type_depth.saturating_sub(1);
    }
}

fn raw(component: &mut Component, id: ComponentSectionId, data: &[u8]) {
    component.section(&RawSection {
        id: id.into(),
        data,
    });
}

fn kind_of(space: Space) -> Option<Kind> {
    match space {
        Space::CoreFunc => Some(Kind::Func),
        Space::CoreTable => Some(Kind::Table),
        Space::CoreMemory => Some(Kind::Memory),
        Space::CoreGlobal => Some(Kind::Global),
        _ => None,
    }
}
