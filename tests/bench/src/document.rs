//! Puts the table of a run between the markers of a document.

use std::path::Path;

use anyhow::{Context, Result};

const BEGIN: &str = "<!-- bench:begin -->";
const END: &str = "<!-- bench:end -->";

/// Replaces what stands between the markers; a document without them, or no
/// document, stays as it is.
pub(crate) fn update(path: &Path, table: &str) -> Result<()> {
    let Ok(text) = std::fs::read_to_string(path) else {
        return Ok(());
    };
    match replaced(&text, table) {
        Some(new) if new != text => {
            std::fs::write(path, new).with_context(|| format!("cannot write `{}`", path.display()))
        }
        Some(_) | None => Ok(()),
    }
}

fn replaced(text: &str, block: &str) -> Option<String> {
    let (before, rest) = text.split_once(BEGIN)?;
    let (_, after) = rest.split_once(END)?;
    Some(format!("{before}{BEGIN}\n\n{block}\n{END}{after}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_between_the_markers_changes() {
        let text = format!("a\n{BEGIN}\nold\n{END}\nz\n");
        let expected = format!("a\n{BEGIN}\n\nnew\n\n{END}\nz\n");
        assert_eq!(replaced(&text, "new\n"), Some(expected.clone()));
        assert_eq!(replaced(&expected, "new\n"), Some(expected.clone()));
        assert_eq!(replaced("no markers", "new"), None);
        assert_eq!(replaced(BEGIN, "new"), None);
    }
}
