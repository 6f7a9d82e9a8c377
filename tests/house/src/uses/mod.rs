//! Which files of a crate use which: what each path that is written in them
//! leads to, through re-exports to where it is defined. A method is found by
//! nobody here: only what is named is seen.

mod circles;
mod module;
mod words;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

pub use circles::circles;

use module::{Contents, Use};

/// How many re-exports one path may lead through.
const STEPS_MAX: usize = 32;

/// Which files a file uses, each with one of the paths that lead there.
pub type Files = BTreeMap<PathBuf, BTreeMap<PathBuf, String>>;

/// What the files of a crate use of each other. The root is its `lib.rs` or
/// `main.rs`; `text` gives the text of a file, empty where there is none.
pub fn of_crate(root: &Path, text: &dyn Fn(&Path) -> String) -> Files {
    let mut known = Crate::default();
    known.add_file(root, Vec::new(), text);
    known.files()
}

#[derive(Default)]
struct Crate {
    modules: BTreeMap<Vec<String>, Module>,
}

struct Module {
    file: PathBuf,
    contents: Contents,
}

/// What a path leads to.
enum Target {
    Module(Vec<String>),
    /// A thing that this module defines.
    In(Vec<String>),
}

impl Crate {
    fn add_file(&mut self, file: &Path, path: Vec<String>, text: &dyn Fn(&Path) -> String) {
        let source = text(file);
        let words = words::without_tests(&words::words(&source));
        let contents = module::read(&words);
        let is_folder = path.is_empty() || file.file_name().is_some_and(|name| name == "mod.rs");
        let folder = match is_folder {
            true => file.parent().map(Path::to_owned),
            false => Some(file.with_extension("")),
        };
        self.add(file, &folder.unwrap_or_default(), path, contents, text);
    }

    fn add(
        &mut self,
        file: &Path,
        folder: &Path,
        path: Vec<String>,
        mut contents: Contents,
        text: &dyn Fn(&Path) -> String,
    ) {
        let child = |name: &str| [path.as_slice(), &[name.to_owned()]].concat();
        for name in &contents.files {
            let places = [
                folder.join(format!("{name}.rs")),
                folder.join(name).join("mod.rs"),
            ];
            if let Some(place) = places.iter().find(|place| !text(place).is_empty()) {
                self.add_file(place, child(name), text);
            }
        }
        for (name, inside) in std::mem::take(&mut contents.inline) {
            self.add(file, &folder.join(&name), child(&name), inside, text);
        }
        let file = file.to_owned();
        self.modules.insert(path, Module { file, contents });
    }

    fn files(&self) -> Files {
        let mut files = Files::new();
        for (path, module) in &self.modules {
            let uses = files.entry(module.file.clone()).or_default();
            for named in self.named(module) {
                let target = self.target(path, &named, STEPS_MAX);
                let target = match target {
                    Some(Target::In(path)) => self.modules.get(&path),
                    // What is taken out of the module counts, not the module.
                    Some(Target::Module(_)) | None => None,
                };
                if let Some(target) = target.filter(|target| target.file != module.file) {
                    uses.entry(target.file.clone())
                        .or_insert_with(|| named.join("::"));
                }
            }
        }
        files
    }

    /// The paths that a module depends on. What it only hands on is not among
    /// them.
    fn named(&self, module: &Module) -> Vec<Vec<String>> {
        let Contents { uses, mentions, .. } = &module.contents;
        let alone: BTreeSet<&str> = mentions
            .iter()
            .filter_map(|path| path.first().map(String::as_str))
            .collect();
        let is_needed = |used: &&Use| {
            let name = used.name.as_deref();
            !used.is_public || name.is_some_and(|name| alone.contains(name))
        };
        let used = uses.iter().filter(is_needed).map(|used| used.path.clone());
        used.chain(mentions.iter().cloned()).collect()
    }

    /// Where a path leads that is written in `module`; `None` out of the crate.
    fn target(&self, module: &[String], path: &[String], steps: usize) -> Option<Target> {
        let steps = steps.checked_sub(1)?;
        let (first, rest) = path.split_first()?;
        match first.as_str() {
            "crate" => self.inside(Vec::new(), rest, steps),
            "self" => self.inside(module.to_vec(), rest, steps),
            "super" => {
                let (_, parent) = module.split_last()?;
                let rest_of_path = [&["self".to_owned()], rest].concat();
                self.target(parent, &rest_of_path, steps)
            }
            _ => self.first(module, first, rest, steps),
        }
    }

    /// A path that begins with a name: of a child, of something brought in, or
    /// of something defined here.
    fn first(
        &self,
        module: &[String],
        name: &str,
        rest: &[String],
        steps: usize,
    ) -> Option<Target> {
        let child = [module, &[name.to_owned()]].concat();
        if self.modules.contains_key(&child) {
            return self.inside(child, rest, steps);
        }
        let contents = &self.modules.get(module)?.contents;
        let mut named = contents.uses.iter();
        let used = named.find(|used| used.name.as_deref() == Some(name));
        if let Some(used) = used.filter(|used| used.path.first().is_some_and(|first| first != name))
        {
            return match self.target(module, &used.path, steps)? {
                Target::Module(path) => self.inside(path, rest, steps),
                Target::In(path) => Some(Target::In(path)),
            };
        }
        if contents.defined.iter().any(|defined| defined == name) {
            return Some(Target::In(module.to_vec()));
        }
        let mut everything = contents.uses.iter().filter(|used| used.name.is_none());
        everything.find_map(|used| match self.target(module, &used.path, steps)? {
            Target::Module(path) if path != module => self.first(&path, name, rest, steps),
            Target::Module(_) => None,
            // The variants of an enum.
            Target::In(path) => Some(Target::In(path)),
        })
    }

    fn inside(&self, module: Vec<String>, rest: &[String], steps: usize) -> Option<Target> {
        match rest.split_first() {
            None => Some(Target::Module(module)),
            Some((name, _)) if name == "super" || name == "self" => {
                self.target(&module, rest, steps)
            }
            Some((name, rest)) => self.first(&module, name, rest, steps),
        }
    }
}
