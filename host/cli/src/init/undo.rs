//! Taking a gate out of the clients' files again.

use super::clients::Client;
use super::document::{Entry, Splice, entries, spliced, value};
use super::files::{ClientFile, was_kept};
use super::launch::is_gated;
use super::places::Place;
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
}

/// The names of the entries that stand in what was kept alone: somebody took them out since.
pub(super) fn only_kept(client: Client, text: &str, kept: &str) -> Result<Vec<String>, String> {
    let before = entries(client, kept).map_err(|why| format!("what was kept: {why}"))?;
    let now = entries(client, text)?;
    let is_gone = |old: &&Entry| !now.iter().any(|entry| entry.path == old.path);
    let gone = before.iter().filter(is_gone);
    Ok(gone.map(|old| old.name().to_owned()).collect())
}

/// Puts each entry that leads to a gate back as it was when the file was kept. What else
/// was changed since stays.
pub(super) fn undone(client: Client, text: &str, kept: &str) -> Result<Undone, String> {
    let before = entries(client, kept).map_err(|why| format!("what was kept: {why}"))?;
    let mut expected = value(text)?;
    let mut splices = Vec::new();
    let (mut restored, mut left) = (Vec::new(), Vec::new());
    for entry in &entries(client, text)? {
        if !is_gated(&entry.value) {
            continue;
        }
        let old = match before.iter().find(|old| old.path == entry.path) {
            Some(old) if is_gated(&old.value) => continue,
            Some(old) => old,
            None => {
                left.push(entry.name().to_owned());
                continue;
            }
        };
        let mut place = &mut expected;
        for name in &entry.path {
            place = place.get_mut(name).ok_or("an entry is not there")?;
        }
        *place = old.value.clone();
        splices.push(Splice {
            at: entry.at.clone(),
            text: kept.get(old.at.clone()).unwrap_or_default().to_owned(),
        });
        restored.push(entry.name().to_owned());
    }
    let result = spliced(text, &splices).ok_or("its parts overlap")?;
    match value(&result)? == expected {
        true => Ok(Undone {
            text: result,
            restored,
            left,
            gone: only_kept(client, text, kept)?,
        }),
        false => Err("it cannot be put back without changing more than is meant".to_owned()),
    }
}

/// `--undo`: every file of which something was kept.
pub(super) fn take_out(places: Vec<Place>, dry_run: bool) -> anyhow::Result<Exit> {
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
            Ok(Some(kept)) => undone(file.place.client, &file.text, &kept),
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
        if undone.restored.is_empty() {
            if undone.left.is_empty() {
                count += 1;
                if forget(&file, &undone.gone, dry_run)? == Exit::Failed {
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
                let is_done = undone.left.is_empty() && undone.gone.is_empty();
                file.put_back(&undone.text, is_done)?;
                print_line(&format!("{shown}: put back {names}"))?;
            }
        }
        if !undone.gone.is_empty() {
            print_line(&only_there(&file, &undone.gone))?;
        }
        print_aside(&file)?;
    }
    if count == 0 {
        print_line("there is nothing to put back")?;
    }
    Ok(exit)
}

/// Removes what was kept where nothing leads to a gate any more: somebody mended the file by
/// hand. What stands nowhere else stays.
fn forget(file: &ClientFile, gone: &[String], dry_run: bool) -> anyhow::Result<Exit> {
    let shown = visible(&file.place.path.display().to_string());
    if !gone.is_empty() {
        print_line(&only_there(file, gone))?;
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

/// That a copy stays, since somebody took entries out that stand nowhere else.
fn only_there(file: &ClientFile, gone: &[String]) -> String {
    let shown = visible(&file.place.path.display().to_string());
    let kept = visible(&file.kept_at().display().to_string());
    let names = visible(&gone.join(", "));
    format!("{shown}: only `{kept}` has {names}, and stays: put that back by hand, or remove it")
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
