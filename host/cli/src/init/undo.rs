//! Taking a gate out of the clients' files again.

use super::clients::Client;
use super::document::{Entry, Splice, entries, spliced, value};
use super::files::{ClientFile, was_kept};
use super::launch::is_gated;
use super::places::Place;
use super::rewrite::is_gate_of;
use super::stood::Stood;
use crate::failure::Exit;
use crate::output::{print_line, visible};

/// A text without the gates that were put into it.
pub(super) struct Undone {
    pub(super) text: String,
    /// Entries that are as they were before.
    pub(super) restored: Vec<String>,
    /// Entries that lead to a gate and of which nothing was kept.
    pub(super) left: Vec<String>,
    /// Entries that stand in what was kept alone.
    pub(super) gone: Vec<String>,
    /// Entries that somebody replaced or changed by hand since.
    pub(super) replaced: Vec<String>,
    /// Those of them that lead to a gate all the same.
    pub(super) still: Vec<String>,
}

/// What became of an entry since it was kept.
enum Since {
    /// It says the same; or it led to a gate already, or none ever stood before it.
    Same,
    /// A gate was put before it.
    Gate,
    /// It says something else: that is its user's.
    Another,
}

/// The names of the entries that stand in what was kept alone: somebody took them out since.
pub(super) fn only_kept(client: Client, text: &str, kept: &str) -> Result<Vec<String>, String> {
    let before = kept_entries(client, kept)?;
    let now = entries(client, text)?;
    let is_gone = |old: &&Entry| !now.iter().any(|entry| entry.path == old.path);
    let gone = before.iter().filter(is_gone);
    Ok(gone.map(|old| old.name().to_owned()).collect())
}

fn since(old: &Entry, now: &Entry, stood: &dyn Fn(&Entry) -> bool) -> Since {
    match old.value == now.value || is_gated(&old.value) {
        true => Since::Same,
        false if is_gate_of(old, &now.value) => Since::Gate,
        false if is_gated(&now.value) || stood(old) => Since::Another,
        false => Since::Same,
    }
}

/// The entries that somebody replaced by hand since, by the members that lead to them.
pub(super) fn replaced(
    client: Client,
    (text, kept): (&str, &str),
    stood: &dyn Fn(&Entry) -> bool,
) -> Result<Vec<Vec<String>>, String> {
    let before = kept_entries(client, kept)?;
    let now = entries(client, text)?.into_iter();
    let replaced = now.filter(|entry| {
        let mut old = before.iter().filter(|old| old.path == entry.path);
        old.any(|old| matches!(since(old, entry, stood), Since::Another))
    });
    Ok(replaced.map(|entry| entry.path).collect())
}

/// Puts each entry that leads to a gate back as it was when the file was kept. What else
/// was changed since stays.
fn undone(
    client: Client,
    (text, kept): (&str, &str),
    stood: &dyn Fn(&Entry) -> bool,
) -> Result<Undone, String> {
    let before = kept_entries(client, kept)?;
    let now = entries(client, text)?;
    let mut pairs = Vec::new();
    let (mut left, mut replaced, mut still) = (Vec::new(), Vec::new(), Vec::new());
    for entry in &now {
        match before.iter().find(|old| old.path == entry.path) {
            None if is_gated(&entry.value) => left.push(entry.name().to_owned()),
            None => {}
            Some(old) => match since(old, entry, stood) {
                Since::Same => {}
                Since::Gate => pairs.push((entry, old)),
                Since::Another => {
                    replaced.push(entry.name().to_owned());
                    if is_gated(&entry.value) {
                        still.push(entry.name().to_owned());
                    }
                }
            },
        }
    }
    Ok(Undone {
        text: put_back((text, kept), &pairs)?,
        restored: names(&pairs),
        left,
        gone: only_kept(client, text, kept)?,
        replaced,
        still,
    })
}

/// A text with each entry as it was when the file was kept, also where its user has replaced
/// it since: what is kept next has all of that.
pub(super) fn without_gate(
    client: Client,
    (text, kept): (&str, &str),
    stood: &dyn Fn(&Entry) -> bool,
) -> Result<String, String> {
    let before = kept_entries(client, kept)?;
    let now = entries(client, text)?;
    let mut pairs = Vec::new();
    for entry in &now {
        if let Some(old) = before.iter().find(|old| old.path == entry.path)
            && matches!(since(old, entry, stood), Since::Gate | Since::Another)
        {
            pairs.push((entry, old));
        }
    }
    put_back((text, kept), &pairs)
}

fn kept_entries(client: Client, kept: &str) -> Result<Vec<Entry>, String> {
    entries(client, kept).map_err(|why| format!("what was kept: {why}"))
}

fn names(pairs: &[(&Entry, &Entry)]) -> Vec<String> {
    let names = pairs.iter().map(|(entry, _)| entry.name().to_owned());
    names.collect()
}

/// A text with entries as they were. What it says then is compared with what it should say.
fn put_back((text, kept): (&str, &str), pairs: &[(&Entry, &Entry)]) -> Result<String, String> {
    let mut expected = value(text)?;
    let mut splices = Vec::new();
    for (entry, old) in pairs {
        let mut place = &mut expected;
        for name in &entry.path {
            place = place.get_mut(name).ok_or("an entry is not there")?;
        }
        *place = old.value.clone();
        splices.push(Splice {
            at: entry.at.clone(),
            text: kept.get(old.at.clone()).unwrap_or_default().to_owned(),
        });
    }
    let result = spliced(text, &splices).ok_or("its parts overlap")?;
    match value(&result)? == expected {
        true => Ok(result),
        false => Err("it cannot be put back without changing more than is meant".to_owned()),
    }
}

/// `--undo`: every file of which something was kept.
pub(super) fn take_out(
    places: Vec<Place>,
    dry_run: bool,
    stood: &Stood<'_>,
) -> anyhow::Result<Exit> {
    let mut exit = Exit::Fine;
    let mut count = 0;
    for place in places {
        let shown = visible(&place.path.display().to_string());
        let file = match ClientFile::read(place) {
            None => continue,
            Some(Ok(file)) => file,
            Some(Err((place, why))) => {
                if was_kept(&place.path) {
                    exit = Exit::Failed;
                }
                print_line(&format!("{shown} stays as it is: {}", visible(&why)))?;
                continue;
            }
        };
        let undone = match file.kept() {
            Ok(None) => continue,
            Ok(Some(kept)) => undone(file.place.client, (&file.text, &kept), &|old: &Entry| {
                stood.before(&file.place, old)
            }),
            Err(why) => Err(why),
        };
        let undone = match undone {
            Ok(undone) => undone,
            Err(why) => {
                exit = Exit::Failed;
                print_line(&format!("{shown} stays as it is: {}", visible(&why)))?;
                continue;
            }
        };
        if !undone.left.is_empty() {
            exit = Exit::Failed;
            let names = visible(&undone.left.join(", "));
            print_line(&format!(
                "{shown}: nothing was kept of {names}: mend it by hand"
            ))?;
        }
        if !undone.still.is_empty() {
            exit = Exit::Failed;
            let names = visible(&undone.still.join(", "));
            print_line(&format!(
                "{shown}: {names} leads to a gate, and is not what `init` wrote"
            ))?;
        }
        if undone.restored.is_empty() {
            if undone.left.is_empty() {
                count += 1;
                if forget(&file, &undone, dry_run)? == Exit::Failed {
                    exit = Exit::Failed;
                }
                print_aside(&file)?;
            }
            continue;
        }
        count += 1;
        let names = visible(&undone.restored.join(", "));
        match dry_run {
            true => print_line(&format!("{shown}: {names} would be put back"))?,
            false => {
                let is_done = undone.left.is_empty() && !undone.is_needed();
                file.put_back(&undone.text, is_done)?;
                print_line(&format!("{shown}: put back {names}"))?;
            }
        }
        print_only_there(&file, &undone)?;
        print_aside(&file)?;
    }
    if count == 0 {
        print_line("there is nothing to put back")?;
    }
    Ok(exit)
}

/// Removes what was kept where nothing leads to a gate any more: somebody mended the file by
/// hand. What stands nowhere else stays.
fn forget(file: &ClientFile, undone: &Undone, dry_run: bool) -> anyhow::Result<Exit> {
    let shown = visible(&file.place.path.display().to_string());
    if undone.is_needed() {
        print_only_there(file, undone)?;
        return Ok(Exit::Failed);
    }
    match dry_run {
        true => print_line(&format!("{shown}: what was kept would be removed"))?,
        false => {
            file.forget()?;
            print_line(&format!(
                "{shown}: nothing leads to the gate; removed what was kept"
            ))?;
        }
    }
    Ok(Exit::Fine)
}

/// That a copy stays, since somebody took entries out, or replaced them, that stand nowhere
/// else.
fn print_only_there(file: &ClientFile, undone: &Undone) -> anyhow::Result<()> {
    let shown = visible(&file.place.path.display().to_string());
    let kept = visible(&file.kept_at().display().to_string());
    if !undone.gone.is_empty() {
        let names = visible(&undone.gone.join(", "));
        print_line(&format!(
            "{shown}: only `{kept}` has {names}, and stays: put that back by hand, or remove it"
        ))?;
    }
    if !undone.replaced.is_empty() {
        let names = visible(&undone.replaced.join(", "));
        print_line(&format!(
            "{shown}: {names} was replaced by hand, and stays as it is; `{kept}` has what it was \
             before: put that back by hand, or remove it"
        ))?;
    }
    Ok(())
}

/// Which older copies there are, with what was taken out before: nothing removes them.
fn print_aside(file: &ClientFile) -> anyhow::Result<()> {
    for path in file.aside() {
        let path = visible(&path.display().to_string());
        print_line(&format!(
            "`{path}` has what was taken out by hand, and stays: remove it if nobody needs that"
        ))?;
    }
    Ok(())
}

// === impl Undone ===

impl Undone {
    /// Whether something of what was kept stands nowhere else.
    fn is_needed(&self) -> bool {
        !self.gone.is_empty() || !self.replaced.is_empty()
    }
}
