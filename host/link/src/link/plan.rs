//! Which core modules of a component are linked, and where what they import is
//! defined.

use std::collections::{BTreeSet, HashMap, HashSet};

use wasmparser::{
    CanonicalFunction, CanonicalOption, ComponentAlias, DataKind, ElementKind, Instance,
};

use super::items::{Item, items};
use super::outline::{Kind, Outline};
use crate::error::{Context as _, LinkError, Result};
use crate::flatten::Space;

/// An instance of a core module, or a list of items under names.
pub(super) enum CoreInstance<'a> {
    Module {
        module: u32,
        /// By name, the instance that each import comes from.
        arguments: HashMap<&'a str, u32>,
    },
    List(HashMap<&'a str, (Kind, u32)>),
}

/// Where an item of a core index space comes from.
#[derive(Clone, Copy)]
enum Origin<'a> {
    /// A function of the host, and whether it works in the memory of an instance.
    Host { is_bound: bool },
    /// What an instance exports.
    Export(u32, &'a str),
}

/// What a name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Definition {
    /// The function with this index in the component.
    Host(u32),
    /// The item with this index among those that the module of an instance
    /// defines, imports not counted.
    Defined(u32, Kind, u32),
}

// === impl Definition ===

impl Definition {
    pub(super) fn kind(self) -> Kind {
        match self {
            Self::Host(_) => Kind::Func,
            Self::Defined(_, kind, _) => kind,
        }
    }
}

/// A component, as far as its core modules go.
#[derive(Default)]
pub(super) struct Plan<'a> {
    /// Each with its index in its space.
    pub(super) items: Vec<(Item<'a>, u32)>,
    modules: Vec<&'a [u8]>,
    outlines: HashMap<u32, Outline<'a>>,
    pub(super) instances: Vec<CoreInstance<'a>>,
    origins: HashMap<(Kind, u32), Origin<'a>>,
    /// The instances that become one, in their order.
    pub(super) linked: BTreeSet<u32>,
    /// Whether nothing of them is left out, and globals that nobody sets stay globals.
    pub(super) is_whole: bool,
}

// === impl Plan ===

impl<'a> Plan<'a> {
    pub(super) fn read(component: &'a [u8]) -> Result<Self> {
        let mut plan = Self::default();
        let mut counts: HashMap<Space, u32> = HashMap::new();
        for item in items(component)? {
            let count = counts.entry(item.space()).or_default();
            plan.add(&item, *count)?;
            plan.items.push((item, *count));
            *count += 1;
        }
        plan.choose_linked()?;
        Ok(plan)
    }

    /// All that can be. Each comes before those that stay: what it writes must not be
    /// what one of them wrote before. And what runs at the start must find what it found:
    /// nothing that is linked comes behind it, nor did anything that stays come before.
    fn choose_linked(&mut self) -> Result<()> {
        let mut filled = HashSet::new();
        let (mut stays, mut has_started) = (false, false);
        for index in 0..u32::try_from(self.instances.len())? {
            let CoreInstance::Module { arguments, .. } = self.instance(index)? else {
                continue;
            };
            let fills = self.fills(index)?;
            let is_later = fills.iter().any(|it| filled.contains(it));
            let starts = self.outline(index)?.start.is_some();
            let from = self.outline(index)?.imported_from();
            let used = arguments.iter().filter(|(name, _)| from.contains(*name));
            if is_later || !self.can_be_linked(used.map(|(_, instance)| instance))? {
                filled.extend(fills);
                stays = true;
            } else if has_started || (starts && stays) {
                return Err(LinkError::refused(
                    "it has a start function among others that are linked, which would run too soon or too late",
                ));
            } else {
                self.linked.insert(index);
            }
            has_started |= starts;
        }
        Ok(())
    }

    /// The tables and memories that an instance writes to when it is made.
    fn fills(&self, instance: u32) -> Result<Vec<Definition>> {
        let outline = self.outline(instance)?;
        let tables = outline.elements.iter().filter_map(|it| match it.kind {
            ElementKind::Active { table_index, .. } => {
                Some((Kind::Table, table_index.unwrap_or_default()))
            }
            ElementKind::Passive | ElementKind::Declared => None,
        });
        let memories = outline.data.iter().filter_map(|it| match it.kind {
            DataKind::Active { memory_index, .. } => Some((Kind::Memory, memory_index)),
            DataKind::Passive => None,
        });
        let filled = tables.chain(memories);
        filled
            .map(|(kind, index)| self.definition(instance, kind, index))
            .collect()
    }

    fn add(&mut self, item: &Item<'a>, index: u32) -> Result<()> {
        match item {
            Item::Module(module) => self.modules.push(module),
            Item::CoreInstance(Instance::Instantiate { module_index, args }) => {
                let module = self.modules.get(*module_index as usize);
                let module = module.context("a module is not there")?;
                if !self.outlines.contains_key(module_index) {
                    let outline = Outline::read(module)
                        .with_context(|| format!("core module {module_index}"))?;
                    self.outlines.insert(*module_index, outline);
                }
                let arguments = args.iter().map(|argument| (argument.name, argument.index));
                self.instances.push(CoreInstance::Module {
                    module: *module_index,
                    arguments: arguments.collect(),
                });
            }
            Item::CoreInstance(Instance::FromExports(exports)) => {
                let exports = exports
                    .iter()
                    .map(|export| Ok((export.name, (Kind::of(export.kind)?, export.index))));
                let exports: Result<_> = exports.collect();
                self.instances.push(CoreInstance::List(exports?));
            }
            Item::Canonical(function) if item.space() == Space::CoreFunc => {
                let is_bound = is_bound(function);
                let origin = Origin::Host { is_bound };
                self.origins.insert((Kind::Func, index), origin);
            }
            Item::Alias(ComponentAlias::CoreInstanceExport {
                kind,
                instance_index,
                name,
            }) => {
                let origin = Origin::Export(*instance_index, name);
                self.origins.insert((Kind::of(*kind)?, index), origin);
            }
            Item::Alias(ComponentAlias::Outer { .. }) => {
                return Err(LinkError::refused("it has an alias by depth"));
            }
            item if item.space() == Space::CoreModule => {
                return Err(LinkError::refused("it takes modules, or hands them on"));
            }
            _ => {}
        }
        Ok(())
    }

    /// Whether a module needs nothing that exists only once other instances do:
    /// functions of the host that work in their memory.
    fn can_be_linked<'b>(&self, arguments: impl Iterator<Item = &'b u32>) -> Result<bool> {
        for argument in arguments {
            match self.instance(*argument)? {
                CoreInstance::Module { .. } if !self.linked.contains(argument) => {
                    return Ok(false);
                }
                CoreInstance::Module { .. } => {}
                CoreInstance::List(list) => {
                    for item in list.values() {
                        let is_there = match self.origin(*item)? {
                            Origin::Host { is_bound } => !is_bound,
                            Origin::Export(instance, _) => self.linked.contains(&instance),
                        };
                        if !is_there {
                            return Ok(false);
                        }
                    }
                }
            }
        }
        Ok(true)
    }

    /// Whether an item is a linked instance, or what one exports.
    pub(super) fn is_linked(&self, item: &Item<'_>, index: u32) -> bool {
        match item {
            Item::CoreInstance(_) => self.linked.contains(&index),
            Item::Alias(ComponentAlias::CoreInstanceExport { instance_index, .. }) => {
                self.linked.contains(instance_index)
            }
            _ => false,
        }
    }

    fn instance(&self, index: u32) -> Result<&CoreInstance<'a>> {
        let instance = self.instances.get(index as usize);
        instance.context("a core instance is not there")
    }

    fn origin(&self, item: (Kind, u32)) -> Result<Origin<'a>> {
        let origin = self.origins.get(&item).copied();
        origin.with_context(|| format!("core item {item:?} is not there"))
    }

    /// The index of the module of an instance.
    pub(super) fn module(&self, instance: u32) -> Result<u32> {
        match self.instance(instance)? {
            CoreInstance::Module { module, .. } => Ok(*module),
            CoreInstance::List(_) => Err(LinkError::refused(format!(
                "core instance {instance} has no module"
            ))),
        }
    }

    /// The module of an instance, taken apart.
    pub(super) fn outline(&self, instance: u32) -> Result<&Outline<'a>> {
        let module = self.module(instance)?;
        self.outlines.get(&module).context("a module is not read")
    }

    /// The name and the definition of an item, if a linked instance exports it.
    pub(super) fn exported(&self, item: (Kind, u32)) -> Result<Option<(&'a str, Definition)>> {
        match self.origin(item)? {
            Origin::Export(instance, name) if self.linked.contains(&instance) => {
                Ok(Some((name, self.export(instance, name)?)))
            }
            Origin::Export(..) | Origin::Host { .. } => Ok(None),
        }
    }

    /// All that a linked instance exports.
    pub(super) fn exports(&self, instance: u32) -> Result<Vec<(&'a str, Definition)>> {
        let names = self.outline(instance)?.exports.keys();
        let mut names: Vec<&str> = names.copied().collect();
        names.sort_unstable();
        let exports = names.into_iter();
        exports
            .map(|name| Ok((name, self.export(instance, name)?)))
            .collect()
    }

    fn export(&self, instance: u32, name: &str) -> Result<Definition> {
        match self.instance(instance)? {
            CoreInstance::Module { .. } => {
                let item = self.outline(instance)?.exports.get(name);
                let (kind, index) = *item.with_context(|| format!("nothing exports `{name}`"))?;
                self.definition(instance, kind, index)
            }
            CoreInstance::List(list) => {
                let item = list.get(name);
                let item = *item.with_context(|| format!("nothing is called `{name}`"))?;
                match self.origin(item)? {
                    Origin::Host { .. } => Ok(Definition::Host(item.1)),
                    Origin::Export(instance, name) => self.export(instance, name),
                }
            }
        }
    }

    /// What an index of an instance's module stands for.
    pub(super) fn definition(&self, instance: u32, kind: Kind, index: u32) -> Result<Definition> {
        let outline = self.outline(instance)?;
        let imports = outline.imported(kind);
        let Some((module, name)) = imports.get(index as usize) else {
            let index = index - u32::try_from(imports.len())?;
            if index as usize >= outline.defined_count(kind) {
                return Err(LinkError::refused("an item is not there"));
            }
            return Ok(Definition::Defined(instance, kind, index));
        };
        let CoreInstance::Module { arguments, .. } = self.instance(instance)? else {
            return Err(LinkError::refused(format!(
                "core instance {instance} has no module"
            )));
        };
        let argument = arguments.get(module);
        let argument = argument.with_context(|| format!("nothing is given for `{module}`"))?;
        self.export(*argument, name)
            .with_context(|| format!("the import `{module}.{name}`"))
    }
}

/// Whether a function that the host gives works in the memory of an instance, or
/// calls its functions.
fn is_bound(function: &CanonicalFunction) -> bool {
    match function {
        CanonicalFunction::Lower { options, .. } => options.iter().any(|option| {
            !matches!(
                option,
                CanonicalOption::UTF8 | CanonicalOption::UTF16 | CanonicalOption::CompactUTF16
            )
        }),
        CanonicalFunction::ResourceDrop { .. } => false,
        _ => true,
    }
}
