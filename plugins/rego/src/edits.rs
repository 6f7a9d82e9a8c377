//! A text with others in it: what is put in, and what is replaced, by their bytes.

/// What is changed, in the order in which it was said.
#[derive(Debug, Default)]
pub(crate) struct Edits(Vec<Edit>);

#[derive(Debug)]
struct Edit {
    from: usize,
    to: usize,
    text: String,
}

// === impl Edits ===

impl Edits {
    /// Before the byte `at`, and behind what was put there earlier.
    pub(crate) fn insert(&mut self, at: usize, text: impl Into<String>) {
        self.replace(at, at, text);
    }

    /// The bytes from `from` on, to the one before `to`.
    pub(crate) fn replace(&mut self, from: usize, to: usize, text: impl Into<String>) {
        let text = text.into();
        self.0.push(Edit { from, to, text });
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn extend(&mut self, others: Self) {
        self.0.extend(others.0);
    }

    /// The text with all of them.
    pub(crate) fn applied(mut self, text: &str) -> String {
        self.0.sort_by_key(|edit| edit.from);
        let mut written = String::with_capacity(text.len());
        let mut end = 0;
        for edit in self.0 {
            written.push_str(text.get(end..edit.from).unwrap_or_default());
            written.push_str(&edit.text);
            end = edit.to;
        }
        written.push_str(text.get(end..).unwrap_or_default());
        written
    }
}
