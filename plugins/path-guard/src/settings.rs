//! The settings of the guard, checked once when the policy is loaded.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::choice::{
    Expansions, FileUrls, Operation, ParentSteps, Passing, Platform, UnknownArguments,
};
use crate::glob::Glob;
use crate::list::{List, Word};
use crate::place::Place;
use crate::rule::{Rule, filesystem_server};
use crate::spelling::{self, Writing};

/// What holds credentials, and the history of version control.
const CREDENTIALS: &str = include_str!("../data/credentials.list");

/// What runs or steers agents, editors, builds, shells and systems unasked.
const STEERING: &str = include_str!("../data/steering.list");

/// What the operator allows.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "Written")]
pub struct Settings {
    pub(crate) roots: BTreeMap<Operation, Vec<Place>>,
    pub(crate) rules: Vec<Rule>,
    /// Asked where no rule of the operator applies.
    pub(crate) known_rules: BTreeMap<String, Rule>,
    /// What the operator denies and excepts; asked first.
    pub(crate) own_list: List,
    /// What is denied where the operator says nothing.
    pub(crate) known_lists: Vec<List>,
    pub(crate) base: Option<Place>,
    pub(crate) writing: Writing,
    pub(crate) unknown_arguments: UnknownArguments,
    pub(crate) parent_steps: ParentSteps,
    pub(crate) path_bytes_max: usize,
    pub(crate) passing: Passing,
}

/// The settings as the operator writes them.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Written {
    roots: BTreeMap<Operation, Vec<String>>,
    #[serde(default)]
    tools: Vec<Rule>,
    #[serde(default = "yes")]
    filesystem_server: bool,
    denied: Option<Globs>,
    #[serde(default)]
    except: Globs,
    base: Option<String>,
    #[serde(default)]
    platform: Platform,
    #[serde(default)]
    file_urls: FileUrls,
    #[serde(default)]
    parent_steps: ParentSteps,
    #[serde(default)]
    expansions: Expansions,
    #[serde(default)]
    unknown_arguments: UnknownArguments,
    #[serde(default = "path_bytes_max")]
    path_bytes_max: usize,
    #[serde(default = "allow")]
    passing: Passing,
}

/// Globs for all operations, or for some.
#[derive(Debug, Deserialize)]
#[serde(
    untagged,
    expecting = "expected a list of globs, or lists for `all`, `read`, `write`, `delete`"
)]
enum Globs {
    Same(Vec<String>),
    Each(Each),
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Each {
    #[serde(default)]
    all: Vec<String>,
    #[serde(default)]
    read: Vec<String>,
    #[serde(default)]
    write: Vec<String>,
    #[serde(default)]
    delete: Vec<String>,
}

fn yes() -> bool {
    true
}

fn allow() -> Passing {
    Passing::Allow
}

/// Longer paths than this are no use to a person, and Windows refuses them.
fn path_bytes_max() -> usize {
    1024
}

impl Default for Globs {
    fn default() -> Self {
        Self::Same(Vec::new())
    }
}

impl Globs {
    fn add_to(self, list: &mut List, word: Word, key: &str) -> Result<(), String> {
        use Operation::{Delete, Read, Write};
        let every = vec![Read, Write, Delete];
        let lists = match self {
            Self::Same(globs) => vec![(globs, every)],
            Self::Each(each) => vec![
                (each.all, every),
                (each.read, vec![Read]),
                (each.write, vec![Write]),
                (each.delete, vec![Delete]),
            ],
        };
        for (globs, operations) in lists {
            for glob in globs {
                if Glob::is_all(&glob) {
                    return Err(format!(
                        "`{glob}` in `{key}` covers everything; hint: name a file or folder"
                    ));
                }
                list.push(Glob::new(&glob), &operations, word);
            }
        }
        Ok(())
    }
}

impl TryFrom<Written> for Settings {
    type Error = String;

    fn try_from(written: Written) -> Result<Self, String> {
        let for_roots = Writing {
            platform: written.platform,
            file_urls: FileUrls::Refuse,
            expansions: written.expansions,
        };
        let place = |text: &String| {
            spelling::plain(text, for_roots)
                .and_then(|path| Place::read(&path, None, written.platform, ParentSteps::Refuse))
                .map_err(|_| {
                    format!(
                        "`{text}` is not an absolute path without tricks; hint: write `/srv/data`"
                    )
                })
        };
        let mut roots = BTreeMap::new();
        for (operation, paths) in &written.roots {
            roots.insert(
                *operation,
                paths.iter().map(place).collect::<Result<_, _>>()?,
            );
        }
        let rules = written.tools;
        let known_rules = if written.filesystem_server {
            filesystem_server()
        } else {
            BTreeMap::new()
        };
        if rules.is_empty() && known_rules.is_empty() {
            return Err(
                "no tool is judged; hint: add `tools`, or leave `filesystem-server` on".to_owned(),
            );
        }
        for rule in &rules {
            rule.check()?;
        }
        // A plain list stands in place of what is built in; lists for
        // operations add to it.
        let known_lists = match &written.denied {
            Some(Globs::Same(_)) => Vec::new(),
            Some(Globs::Each(_)) | None => vec![
                List::read(CREDENTIALS)?.with_copies(),
                List::read(STEERING)?,
            ],
        };
        let mut own_list = List::default();
        let denied = written.denied.unwrap_or_default();
        denied.add_to(&mut own_list, Word::Denied, "denied")?;
        written
            .except
            .add_to(&mut own_list, Word::Excepted, "except")?;
        Ok(Self {
            roots,
            rules: rules.into_iter().map(Rule::prepared).collect(),
            known_rules,
            own_list,
            known_lists,
            base: written.base.as_ref().map(place).transpose()?,
            writing: Writing {
                platform: written.platform,
                file_urls: written.file_urls,
                expansions: written.expansions,
            },
            unknown_arguments: written.unknown_arguments,
            parent_steps: written.parent_steps,
            path_bytes_max: written.path_bytes_max,
            passing: written.passing,
        })
    }
}
