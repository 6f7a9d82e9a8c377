//! Puts the tables of a run between the markers of a document.

use std::path::Path;

use anyhow::{Context, Result};

/// What stands between `<!-- <name>:begin -->` and `<!-- <name>:end -->`.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Place {
    /// All figures, or those with a bound.
    Figures,
    /// One policy in every language.
    Languages,
}

/// Replaces what stands between the markers; a document without them, or no
/// document, stays as it is.
pub(crate) fn update(path: &Path, place: Place, table: &str) -> Result<()> {
    let Ok(text) = std::fs::read_to_string(path) else {
        return Ok(());
    };
    match replaced(&text, place, table) {
        Some(new) if new != text => {
            std::fs::write(path, new).with_context(|| format!("cannot write `{}`", path.display()))
        }
        Some(_) | None => Ok(()),
    }
}

fn replaced(text: &str, place: Place, block: &str) -> Option<String> {
    let (begin, end) = place.markers();
    let (before, rest) = text.split_once(&begin)?;
    let (_, after) = rest.split_once(&end)?;
    Some(format!("{before}{begin}\n\n{block}\n{end}{after}"))
}

// === impl Place ===

impl Place {
    fn markers(self) -> (String, String) {
        let name = match self {
            Self::Figures => "bench",
            Self::Languages => "languages",
        };
        (
            format!("<!-- {name}:begin -->"),
            format!("<!-- {name}:end -->"),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_between_the_markers_changes() {
        for place in [Place::Figures, Place::Languages] {
            let (begin, end) = place.markers();
            let text = format!("a\n{begin}\nold\n{end}\nz\n");
            let expected = format!("a\n{begin}\n\nnew\n\n{end}\nz\n");
            assert_eq!(replaced(&text, place, "new\n"), Some(expected.clone()));
            assert_eq!(replaced(&expected, place, "new\n"), Some(expected.clone()));
            assert_eq!(replaced(&begin, place, "new"), None);
        }
        assert_eq!(replaced("no markers", Place::Figures, "new"), None);
    }
}
