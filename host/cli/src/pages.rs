//! The documentation that is in the program: which pages there are, what each is called, and where their links lead.

use std::path::{Component, Path, PathBuf};

use crate::embedded;

/// One page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Page {
    /// What `gatewright docs` calls it.
    pub(crate) name: String,
    /// Where it is in the repository.
    path: PathBuf,
    /// Markdown.
    pub(crate) text: &'static str,
}

/// What a page of a folder is called that has the folder's name.
const OF_A_FOLDER: &str = "README";

/// What stands in a template is written for the policy that is made of it.
const TEMPLATE: &str = "/template";

/// The page of the top of the repository that operators need.
const SECURITY: &str = "SECURITY.md";

/// Every page: guides first, then those of SDKs and policies.
pub(crate) fn all() -> Vec<Page> {
    let folders = ["docs", "sdk", "plugins"].into_iter();
    let mut pages: Vec<_> = folders
        .flat_map(|folder| embedded::below(folder).map(move |file| (folder, file)))
        .filter_map(|(folder, (name, bytes))| Page::of(&format!("{folder}/{name}"), bytes))
        .collect();
    let security = embedded::text(SECURITY).ok();
    pages.extend(security.and_then(|text| Page::of(SECURITY, text.as_bytes())));
    pages
}

/// The page of this name, or else those whose names end so.
pub(crate) fn named(wanted: &str) -> Vec<Page> {
    let wanted = wanted.trim_end_matches(".md").to_lowercase();
    let wanted = wanted.strip_prefix("docs/").unwrap_or(&wanted);
    let mut pages = all();
    if let Some(page) = pages.iter().find(|page| page.name == wanted) {
        return vec![page.clone()];
    }
    pages.retain(|page| {
        let rest = page.name.strip_suffix(wanted);
        rest.is_some_and(|rest| rest.ends_with('/'))
    });
    pages
}

// === impl Page ===

impl Page {
    /// The page that a file is, if it is one.
    pub(crate) fn of(path: &str, bytes: &'static [u8]) -> Option<Self> {
        let stem = path.strip_suffix(".md")?;
        if path.contains(TEMPLATE) {
            return None;
        }
        let name = stem.strip_prefix("docs/").unwrap_or(stem);
        let folder = name.strip_suffix(OF_A_FOLDER);
        let name = folder.map_or(name, |folder| folder.trim_end_matches('/'));
        Some(Self {
            name: name.to_lowercase(),
            path: PathBuf::from(path),
            text: std::str::from_utf8(bytes).ok()?,
        })
    }

    /// Its first line, without the mark of a heading.
    pub(crate) fn title(&self) -> &'static str {
        let first = self.text.lines().next().unwrap_or_default();
        first.trim_start_matches('#').trim()
    }

    pub(crate) fn quoted(&self) -> String {
        format!("`{}`", self.name)
    }

    /// The page that a link of this one leads to, if it is in the program.
    pub(crate) fn linked(&self, link: &str) -> Option<Self> {
        let file = link.split('#').next().unwrap_or_default();
        if file.is_empty() || file.contains("://") {
            return None;
        }
        let mut path = self.path.parent().unwrap_or(Path::new("")).to_owned();
        for part in Path::new(file).components() {
            match part {
                Component::ParentDir => {
                    path.pop();
                }
                Component::Normal(part) => path.push(part),
                Component::Prefix(_) | Component::RootDir | Component::CurDir => {}
            }
        }
        let folder = path.join(format!("{OF_A_FOLDER}.md"));
        all()
            .into_iter()
            .find(|page| page.path == path || page.path == folder)
    }
}

#[cfg(test)]
mod tests {
    use super::{all, named};

    #[test]
    fn pages_are_called_after_their_files() {
        let names: Vec<_> = all().into_iter().map(|page| page.name).collect();
        for name in [
            "configuration",
            "clients",
            "clients/cursor",
            "sdk/rust",
            "plugins/cedar",
            "security",
        ] {
            assert!(names.iter().any(|known| known == name), "{name}: {names:?}");
        }
        assert!(
            !names.iter().any(|name| name.starts_with("adr")),
            "{names:?}"
        );
        assert!(all().iter().all(|page| !page.title().is_empty()));
    }

    #[test]
    fn a_page_is_found_by_its_name_or_its_end() {
        let found =
            |wanted: &str| -> Vec<_> { named(wanted).into_iter().map(|page| page.name).collect() };
        assert_eq!(found("configuration"), ["configuration"]);
        assert_eq!(found("docs/configuration.md"), ["configuration"]);
        assert_eq!(found("path-guard"), ["plugins/path-guard"]);
        assert_eq!(found("guard"), Vec::<String>::new());
    }

    #[test]
    fn links_lead_to_pages_that_are_carried() {
        let page = named("policy-authors").remove(0);
        let linked = |link: &str| page.linked(link).map(|page| page.name);
        assert_eq!(linked("approvers.md").as_deref(), Some("approvers"));
        assert_eq!(linked("clients/").as_deref(), Some("clients"));
        assert_eq!(linked("../SECURITY.md#what").as_deref(), Some("security"));
        assert_eq!(linked("../wit/0.2/policy.wit"), None);
        assert_eq!(linked("https://example.com/approvers.md"), None);
    }
}
