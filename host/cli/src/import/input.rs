//! What Rego modules for other gates call the parts of a call, and what that is here.

/// A place in the `input` that others give, and the same one here.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) there: Vec<String>,
    pub(super) here: String,
    /// Whether all that is below it is there too.
    pub(super) is_whole: bool,
}

/// A mention of `input` in a module.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Mention {
    pub(super) line: usize,
    /// Where it stands in the text.
    pub(super) start: usize,
    /// Where each of its names ends.
    pub(super) names: Vec<(String, usize)>,
}

/// The message itself, what a proxy hands on of it, and what gates make of it.
const PLACES: [(&str, &str, bool); 22] = [
    ("method", "input.action.method", false),
    ("params.name", "input.action.name", false),
    ("params.arguments", "input.arguments", true),
    ("parsed_body.method", "input.action.method", false),
    ("parsed_body.params.name", "input.action.name", false),
    ("parsed_body.params.arguments", "input.arguments", true),
    ("mcp.method", "input.action.method", false),
    ("mcp.tool", "input.action.name", false),
    ("mcp.tool_name", "input.action.name", false),
    ("mcp.arguments", "input.arguments", true),
    ("mcp.params.name", "input.action.name", false),
    ("mcp.params.arguments", "input.arguments", true),
    ("tool_name", "input.action.name", false),
    ("tool.name", "input.action.name", false),
    ("tool.arguments", "input.arguments", true),
    ("arguments", "input.arguments", true),
    ("args", "input.arguments", true),
    ("tool_args", "input.arguments", true),
    ("tool_input", "input.arguments", true),
    ("request.tool_name", "input.action.name", false),
    ("request.arguments", "input.arguments", true),
    ("server_name", "input.action.server", false),
];

/// The places that are known.
pub(super) fn places() -> Vec<Place> {
    let place = |(there, here, is_whole): &(&str, &str, bool)| Place {
        there: there.split('.').map(str::to_owned).collect(),
        here: (*here).to_owned(),
        is_whole: *is_whole,
    };
    PLACES.iter().map(place).collect()
}

/// Every mention of `input`, in the order of the text.
pub(super) fn mentions(text: &str) -> Vec<Mention> {
    let mut found = Vec::new();
    let mut at = 0;
    let mut before = None;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        let length = token(rest);
        let Some(word) = rest.get(..length) else {
            break;
        };
        if word == "input" && before != Some(".") {
            let mention = mention(text, at);
            at = mention.names.last().map_or(at + length, |(_, end)| *end);
            found.push(mention);
            before = None;
            continue;
        }
        if !word.starts_with('#') && !word.trim().is_empty() {
            before = Some(word);
        }
        at += length;
    }
    found
}

fn mention(text: &str, start: usize) -> Mention {
    let mut names = Vec::new();
    let mut end = start + "input".len();
    while let Some((name, length)) = text.get(end..).and_then(step) {
        end += length;
        names.push((name, end));
    }
    Mention {
        line: text
            .get(..start)
            .map_or(1, |it| it.matches('\n').count() + 1),
        start,
        names,
    }
}

/// `.name` or `["name"]`, and how long it is.
fn step(rest: &str) -> Option<(String, usize)> {
    if let Some(name) = rest.strip_prefix('.') {
        let length = token(name);
        let name = name.get(..length).filter(|name| is_name(name))?;
        return Some((name.to_owned(), 1 + length));
    }
    let quoted = rest.strip_prefix('[')?;
    let length = token(quoted);
    let text = quoted.get(..length).filter(|text| text.starts_with('"'))?;
    let name: String = serde_json::from_str(text).ok()?;
    quoted.get(length..)?.strip_prefix(']')?;
    Some((name, length + 2))
}

fn is_name(word: &str) -> bool {
    word.starts_with(|first: char| first.is_alphabetic() || first == '_')
}

/// How long what stands first is: a word, a text, a comment, spaces, or one character.
fn token(rest: &str) -> usize {
    let Some(first) = rest.chars().next() else {
        return 0;
    };
    let until = |end: &dyn Fn(char) -> bool| rest.find(|it: char| end(it)).unwrap_or(rest.len());
    match first {
        '#' => until(&|it| it == '\n'),
        '`' => rest
            .get(1..)
            .and_then(|rest| rest.find('`'))
            .map_or(rest.len(), |end| end + 2),
        '"' => quoted(rest),
        it if it.is_whitespace() => until(&|it| !it.is_whitespace()),
        it if it.is_alphanumeric() || it == '_' => {
            until(&|it| !(it.is_alphanumeric() || it == '_'))
        }
        it => it.len_utf8(),
    }
}

/// How long a text in quotes is.
fn quoted(rest: &str) -> usize {
    let mut characters = rest.char_indices().skip(1);
    while let Some((at, character)) = characters.next() {
        match character {
            '\\' => {
                let _escaped = characters.next();
            }
            '"' => return at + 1,
            _ => {}
        }
    }
    rest.len()
}

// === impl Mention ===

impl Mention {
    /// As people write it.
    pub(super) fn written(&self) -> String {
        let names = self.names.iter().map(|(name, _)| format!(".{name}"));
        format!("input{}", names.collect::<String>())
    }

    /// What it is here, and where in the text that ends; none where that is not known.
    pub(super) fn here<'a>(&self, places: &'a [Place]) -> Option<(&'a str, usize)> {
        let begins = |place: &&Place| {
            let mut names = place.there.iter().zip(&self.names);
            place.there.len() <= self.names.len() && names.all(|(there, (name, _))| there == name)
        };
        let place = places
            .iter()
            .filter(begins)
            .max_by_key(|place| place.there.len())?;
        if !place.is_whole && place.there.len() < self.names.len() {
            return None;
        }
        let (_, end) = self.names.get(place.there.len().checked_sub(1)?)?;
        Some((place.here.as_str(), *end))
    }
}

#[cfg(test)]
mod tests {
    use super::{mentions, places};

    #[test]
    fn mentions_are_found_outside_of_texts_and_comments() {
        let text = "# input.a\nx := \"input.b\" == input.params[\"name\"]\ny := data.input.c; `input.d\n`; input.tool_name.x; z := input[k]; myinput.e; input\n.f";
        let found: Vec<_> = mentions(text)
            .into_iter()
            .map(|it| (it.line, it.written()))
            .collect();
        let wanted = [
            (2, "input.params.name"),
            (4, "input.tool_name.x"),
            (4, "input"),
            (4, "input"),
        ];
        assert_eq!(found, wanted.map(|(line, text)| (line, text.to_owned())));
    }

    #[test]
    fn what_is_here_ends_where_it_is_known() {
        let places = places();
        for (text, here) in [
            ("input.params.name", Some("input.action.name")),
            ("input.params.arguments.path", Some("input.arguments.path")),
            ("input.params.arguments[x]", Some("input.arguments[x]")),
            (
                "input[\"params\"][\"arguments\"][\"a b\"]",
                Some("input.arguments[\"a b\"]"),
            ),
            ("input.params.name.x", None),
            ("input.params", None),
            ("input.user", None),
            ("input", None),
        ] {
            let mentions = mentions(text);
            let [mention] = mentions.as_slice() else {
                panic!("{text}: {mentions:?}");
            };
            let found = mention.here(&places);
            let found = found.map(|(here, end)| format!("{here}{}", &text[end..]));
            assert_eq!(found.as_deref(), here, "{text}");
        }
    }
}
