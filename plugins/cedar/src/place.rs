//! Where in a text something is wrong, for whoever wrote the text.

use miette::Diagnostic;

/// `policies:3:12: what is wrong (hint)`. The place is where the first label
/// of the diagnostic points, if it points anywhere.
pub(crate) fn describe(name: &str, text: &str, diagnostic: &dyn Diagnostic) -> String {
    let mut described = match offset(diagnostic) {
        Some(offset) => format!("{}: {diagnostic}", of(name, text, offset)),
        None => format!("{name}: {diagnostic}"),
    };
    let mut cause = diagnostic.source();
    while let Some(error) = cause {
        let text = error.to_string();
        if !described.ends_with(&text) {
            described.push_str(": ");
            described.push_str(&text);
        }
        cause = error.source();
    }
    let labels = diagnostic.labels().into_iter().flatten();
    for label in labels.filter_map(|label| label.label().map(str::to_owned)) {
        described.push_str(", ");
        described.push_str(&label);
    }
    if let Some(help) = diagnostic.help() {
        described.push_str("\nhint: ");
        described.push_str(&help.to_string());
    }
    described
}

/// `name:line:column`, both counted from one.
pub(crate) fn of(name: &str, text: &str, offset: usize) -> String {
    let before = text.get(..offset).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before
        .rsplit('\n')
        .next()
        .map_or(1, |start| start.chars().count() + 1);
    format!("{name}:{line}:{column}")
}

fn offset(diagnostic: &dyn Diagnostic) -> Option<usize> {
    let own = diagnostic.labels().into_iter().flatten().next();
    own.map(|label| label.offset())
}
