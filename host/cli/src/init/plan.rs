//! What was found and what would change, for a person. Nothing secret is shown.

use std::fmt::Write as _;
use std::path::Path;

use gatewright_policy::counted;
use serde_json::Value;

use super::document::Entry;
use super::places::Place;
use super::proposal::Proposal;
use super::rewrite::{Gate, arguments};
use super::secret::{shown, shown_url};
use super::survey::{Stand, Survey, Surveyed};
use crate::output::{Paint, Tone, visible};

/// What each client has, and what becomes of it.
pub(super) fn found(survey: &Survey, proposal: &Proposal, paint: Paint) -> String {
    let mut text = String::new();
    for Surveyed { file, stands } in &survey.files {
        if file.entries.is_empty() {
            continue;
        }
        title(&mut text, &file.place);
        for (entry, stand) in file.entries.iter().zip(stands) {
            let stand = match stand {
                Stand::Gated => paint.tone(Tone::Good, "behind a gate already"),
                Stand::Left(why) => left(why, paint),
                Stand::Server(place) => of_server(*place, survey, proposal, paint),
            };
            let _ = writeln!(text, "  {}  {stand}", visible(entry.name()));
        }
    }
    for (place, why) in &survey.refused {
        title(&mut text, place);
        let _ = writeln!(text, "  {}", left(why, paint));
    }
    text
}

fn title(text: &mut String, place: &Place) {
    let path = visible(&place.path.display().to_string());
    let _ = writeln!(text, "{}  {path}", place.client.title());
}

fn left(why: &str, paint: Paint) -> String {
    paint.tone(Tone::Warning, &format!("stays as it is: {}", visible(why)))
}

fn of_server(place: usize, survey: &Survey, proposal: &Proposal, paint: Paint) -> String {
    if let Some(why) = proposal.reasons.get(&place) {
        return left(why, paint);
    }
    let name = survey.servers.all().get(place).map(|it| it.name.as_str());
    let name = name.unwrap_or_default();
    match proposal.offers.get(&place) {
        Some(offer) => {
            let odd = match offer.odd {
                0 => String::new(),
                odd => format!(", and {odd} with names that cannot be listed"),
            };
            format!(
                "{}{odd}, as server `{name}`",
                counted(offer.tools.len(), "tool")
            )
        }
        None => format!("as server `{name}`, which the gate has"),
    }
}

/// What would be written into the gate's configuration.
pub(super) fn of_config(path: &Path, is_new: bool, added: &str, paint: Paint) -> String {
    let path = visible(&path.display().to_string());
    let state = if is_new { "new" } else { "more at its end" };
    let mut text = format!("\ngate  {path} ({state})\n");
    for line in added.lines() {
        let line = visible(line);
        let line = match line.is_empty() {
            true => "+".to_owned(),
            false => format!("+ {line}"),
        };
        let _ = writeln!(text, "{}", paint.tone(Tone::Good, &line));
    }
    text
}

/// What would be changed in a client's file.
pub(super) fn of_client(
    place: &Place,
    changes: &[(&Entry, &str)],
    gate: &Gate<'_>,
    paint: Paint,
) -> String {
    let mut text = String::from("\n");
    title(&mut text, place);
    for (entry, server) in changes {
        let _ = writeln!(text, "  {}", visible(&entry.path.join(".")));
        let before = visible(&before(&entry.value));
        let mut after = vec![gate.program.to_owned()];
        let words = arguments(gate, server);
        let words = words.as_array().into_iter().flatten();
        after.extend(words.filter_map(Value::as_str).map(str::to_owned));
        let after = visible(&after.join(" "));
        let _ = writeln!(text, "{}", paint.tone(Tone::Bad, &format!("  - {before}")));
        let _ = writeln!(text, "{}", paint.tone(Tone::Good, &format!("  + {after}")));
    }
    text
}

fn before(entry: &Value) -> String {
    let words = [entry.get("command")].into_iter().flatten();
    let arguments = entry["args"].as_array().into_iter().flatten();
    let words: Vec<_> = words
        .chain(arguments)
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect();
    if !words.is_empty() {
        return shown(&words).join(" ");
    }
    let mut urls = ["httpUrl", "serverUrl", "url"].into_iter();
    let url = urls.find_map(|name| entry[name].as_str());
    shown_url(url.unwrap_or_default())
}
