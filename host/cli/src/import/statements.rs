//! A text of Cedar policies, cut into its policies: one that cannot be read must not hide
//! the others, and each is told by its line.

/// The text of one policy, and where it begins.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Statement {
    pub(super) line: usize,
    pub(super) text: String,
}

/// What stands outside of texts and comments: a character, and where.
struct Code<'a> {
    rest: std::iter::Peekable<std::str::CharIndices<'a>>,
    in_text: bool,
}

/// The policies of a text. What stands behind the last `;` is one too.
pub(super) fn statements(text: &str) -> Vec<Statement> {
    let mut found = Vec::new();
    let (mut start, mut depth) = (0, 0usize);
    for (at, character) in code(text) {
        match character {
            '(' | '{' | '[' => depth += 1,
            ')' | '}' | ']' => depth = depth.saturating_sub(1),
            ';' if depth == 0 => {
                push(text, start, at + 1, &mut found);
                start = at + 1;
            }
            _ => {}
        }
    }
    push(text, start, text.len(), &mut found);
    found
}

/// Whether the text is a `forbid`, as far as can be seen; and its head, without conditions.
pub(super) fn forbid_head(text: &str) -> Option<String> {
    let (mut depth, mut opened) = (0usize, None);
    let mut word = String::new();
    for (at, character) in code(text) {
        match character {
            '(' if depth == 0 && word == "forbid" => {
                opened = Some(at);
                depth = 1;
            }
            '(' | '{' | '[' => depth += 1,
            ')' | '}' | ']' => {
                depth = depth.saturating_sub(1);
                if depth == 0 && opened.is_some() {
                    return text.get(..=at).map(|head| format!("{head};"));
                }
            }
            character if character.is_whitespace() => continue,
            _ => {}
        }
        match character.is_alphanumeric() || character == '_' {
            true if depth == 0 => word.push(character),
            _ => word.clear(),
        }
    }
    None
}

fn push(text: &str, start: usize, end: usize, found: &mut Vec<Statement>) {
    let Some(part) = text.get(start..end) else {
        return;
    };
    // Its first character that is no space and in no comment.
    let first = code(part).find(|(_, character)| !character.is_whitespace());
    let Some((first, _)) = first.filter(|(_, character)| *character != ';') else {
        return;
    };
    let begins = start + first;
    found.push(Statement {
        line: text
            .get(..begins)
            .map_or(1, |it| it.matches('\n').count() + 1),
        text: text.get(begins..end).unwrap_or_default().trim().to_owned(),
    });
}

fn code(text: &str) -> Code<'_> {
    Code {
        rest: text.char_indices().peekable(),
        in_text: false,
    }
}

// === impl Code ===

impl Iterator for Code<'_> {
    type Item = (usize, char);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let (at, character) = self.rest.next()?;
            if self.in_text {
                match character {
                    '\\' => {
                        let _escaped = self.rest.next();
                    }
                    '"' => self.in_text = false,
                    _ => {}
                }
                continue;
            }
            if character == '/' && self.rest.next_if(|(_, next)| *next == '/').is_some() {
                let ends = |(_, next): &(usize, char)| *next != '\n';
                while self.rest.next_if(ends).is_some() {}
                continue;
            }
            self.in_text = character == '"';
            return Some((at, character));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{forbid_head, statements};

    #[test]
    fn a_text_is_cut_at_the_ends_of_policies() {
        let text = "// a; b\n@id(\"a;b\") permit (principal, action, resource) when { \"};\\\"\" == \"x\" };\n\n  forbid (principal, action, resource) // no;\n;\npermit(";
        let found = statements(text);
        let found: Vec<_> = found.iter().map(|it| (it.line, it.text.as_str())).collect();
        assert_eq!(
            found,
            [
                (
                    2,
                    "@id(\"a;b\") permit (principal, action, resource) when { \"};\\\"\" == \"x\" };"
                ),
                (4, "forbid (principal, action, resource) // no;\n;"),
                (6, "permit("),
            ]
        );
        assert!(statements(" // nothing;\n ; ").is_empty());
    }

    #[test]
    fn the_head_of_a_forbid_is_found() {
        for (text, head) in [
            (
                "@id(\"forbid (\") forbid (principal, action in [Action::\"a)\"], resource) when guardrails { x };",
                Some("@id(\"forbid (\") forbid (principal, action in [Action::\"a)\"], resource);"),
            ),
            ("permit (principal, action, resource);", None),
            ("forbid principal", None),
            ("forbid // (\n (principal", None),
        ] {
            assert_eq!(forbid_head(text).as_deref(), head, "{text}");
        }
    }
}
