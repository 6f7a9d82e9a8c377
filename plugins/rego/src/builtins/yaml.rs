//! Documents in YAML, with scalars as go-yaml reads them: the first document of a text.

use std::collections::BTreeMap;

use regorus::Value;
use saphyr_parser::{Event, Parser, ScalarStyle, ScanError, Span, Tag};

use super::arguments::{BuiltinError, text, unread, wrong};
use super::yaml_scalars::{Scalar, plain};

/// Deepest that collections stand in one another, and most values of a text, with those that
/// aliases repeat.
const DEPTH_MAX: usize = 128;
const VALUES_MAX: usize = 200_000;

/// Why there is no value.
enum Wrong {
    /// It is no YAML, or no document that JSON could hold.
    Invalid(&'static str),
    /// It may be one, and is not read here.
    NotRead(&'static str),
}

/// A value, and how many are in it.
#[derive(Clone)]
struct Node {
    value: Value,
    size: usize,
}

/// A collection that is being read.
struct Frame {
    anchor: usize,
    size: usize,
    content: Content,
}

enum Content {
    List(Vec<Value>),
    Map {
        members: BTreeMap<Value, Value>,
        /// Maps whose members stand here too, where these have no member of the name.
        merged: Vec<Value>,
        key: Option<Key>,
    },
}

enum Key {
    Name(Value),
    /// `<<`
    Merge,
}

#[derive(Default)]
struct Reader {
    anchors: BTreeMap<usize, Node>,
    frames: Vec<Frame>,
    size: usize,
    document: Option<Value>,
    first: Option<Value>,
}

pub(super) fn unmarshal(values: &[Value]) -> Result<Value, BuiltinError> {
    read(text(values, 0)?).map_err(|problem| match problem {
        Wrong::Invalid(problem) => wrong(problem),
        Wrong::NotRead(problem) => unread(problem),
    })
}

/// What is no text is no YAML.
pub(super) fn is_valid(values: &[Value]) -> Result<Value, BuiltinError> {
    let Some(Value::String(text)) = values.first() else {
        return Ok(Value::from(false));
    };
    match read(text) {
        Ok(_) => Ok(Value::from(true)),
        Err(Wrong::Invalid(_)) => Ok(Value::from(false)),
        Err(Wrong::NotRead(problem)) => Err(unread(problem)),
    }
}

fn read(text: &str) -> Result<Value, Wrong> {
    if let Some(problem) = text.lines().find_map(unread_line) {
        return Err(Wrong::NotRead(problem));
    }
    let events: Result<Vec<_>, ScanError> = Parser::new_from_str(text).collect();
    let mut events = events.map_err(|_| match has_loose_indentation(text) {
        true => Wrong::NotRead("it is not indented as YAML 1.2 has it"),
        false => Wrong::Invalid("it is no YAML"),
    })?;
    let is_quoted =
        |event: &Event<'_>| matches!(event, Event::Scalar(_, ScalarStyle::DoubleQuoted, ..));
    if text.contains("\\/") && events.iter().any(|(event, _)| is_quoted(event)) {
        return Err(Wrong::NotRead("`\\/` is no escape of go-yaml"));
    }
    if !text.ends_with('\n') {
        end_block(text, &mut events);
    }
    let mut reader = Reader::default();
    for (event, _) in events {
        reader.take(event)?;
    }
    Ok(reader.first.unwrap_or(Value::Null))
}

/// Whether go-yaml may read it: a tab before a value, or brackets over several lines.
fn has_loose_indentation(text: &str) -> bool {
    let behind = text.find(['[', '{']).and_then(|place| text.get(place..));
    text.contains('\t') || behind.is_some_and(|behind| behind.contains('\n'))
}

/// Lines of which go-yaml makes something else.
fn unread_line(line: &str) -> Option<&'static str> {
    let content = line.trim_start();
    let is_content = !content.is_empty() && !content.starts_with('#');
    match line.chars().next()? {
        '\t' if is_content => Some("a line begins with a tab"),
        '%' => Some("it has a directive"),
        '.' if line.starts_with("...") => Some("a document is ended by a mark"),
        _ => None,
    }
}

/// A block that ends with the text ends without a new line where the text does.
fn end_block(text: &str, events: &mut [(Event<'_>, Span)]) {
    let last = text.lines().next_back().unwrap_or_default().trim();
    let mut from_end = events.iter_mut().rev();
    let scalar = from_end.find(|(event, _)| matches!(event, Event::Scalar(..)));
    if let Some((Event::Scalar(value, ScalarStyle::Literal | ScalarStyle::Folded, ..), _)) = scalar
        && !last.is_empty()
        && let Some(cut) = value.strip_suffix('\n')
        && cut.ends_with(last)
    {
        *value = cut.to_owned().into();
    }
}

// === impl Reader ===

impl Reader {
    fn take(&mut self, event: Event<'_>) -> Result<(), Wrong> {
        match event {
            Event::Nothing | Event::StreamStart | Event::StreamEnd => Ok(()),
            Event::DocumentStart(_) => {
                self.anchors.clear();
                Ok(())
            }
            Event::DocumentEnd => {
                let document = self.document.take().unwrap_or(Value::Null);
                self.first.get_or_insert(document);
                Ok(())
            }
            Event::Alias(anchor) => {
                let node = self.anchors.get(&anchor).cloned();
                let node = node.ok_or(Wrong::Invalid("an alias stands in what it repeats"))?;
                if self.is_at_key() {
                    return match node.value {
                        Value::String(_) => self.put_key(Key::Name(node.value)),
                        _ => Err(Wrong::NotRead("an alias of what is no text is a key")),
                    };
                }
                self.put(node)
            }
            Event::Scalar(text, style, anchor, tag) => {
                let scalar = scalar(&text, style, tag.as_deref())?;
                let is_key = self.is_at_key();
                if let (Scalar::Merge, true) = (&scalar, is_key) {
                    return self.put_key(Key::Merge);
                }
                let node = Node {
                    value: match scalar {
                        Scalar::Merge => Value::from("<<"),
                        Scalar::Value(value) => value,
                    },
                    size: 1,
                };
                if is_key {
                    let name = name(&node.value)?;
                    self.keep(anchor, &node);
                    return self.put_key(Key::Name(name));
                }
                self.keep(anchor, &node);
                self.put(node)
            }
            Event::SequenceStart(anchor, tag) => {
                self.open(anchor, tag.as_deref(), "seq", Content::List(Vec::new()))
            }
            Event::MappingStart(anchor, tag) => {
                let content = Content::Map {
                    members: BTreeMap::new(),
                    merged: Vec::new(),
                    key: None,
                };
                self.open(anchor, tag.as_deref(), "map", content)
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(),
        }
    }

    /// Whether the next value is a name.
    fn is_at_key(&self) -> bool {
        let content = self.frames.last().map(|frame| &frame.content);
        matches!(content, Some(Content::Map { key: None, .. }))
    }

    fn put_key(&mut self, name: Key) -> Result<(), Wrong> {
        if let Some(Frame {
            content: Content::Map { key, .. },
            ..
        }) = self.frames.last_mut()
        {
            *key = Some(name);
        }
        Ok(())
    }

    fn put(&mut self, node: Node) -> Result<(), Wrong> {
        self.size = self.size.saturating_add(node.size);
        if self.size > VALUES_MAX {
            return Err(Wrong::NotRead("it has too many values"));
        }
        let Some(frame) = self.frames.last_mut() else {
            self.document = Some(node.value);
            return Ok(());
        };
        frame.size = frame.size.saturating_add(node.size);
        match &mut frame.content {
            Content::List(elements) => elements.push(node.value),
            Content::Map {
                members,
                merged,
                key,
            } => match key.take() {
                Some(Key::Name(name)) => {
                    members.insert(name, node.value);
                }
                Some(Key::Merge) => merged.extend(maps(node.value)?),
                None => return Err(Wrong::Invalid("a key is no scalar")),
            },
        }
        Ok(())
    }

    fn keep(&mut self, anchor: usize, node: &Node) {
        if anchor > 0 {
            self.anchors.insert(anchor, node.clone());
        }
    }

    fn open(
        &mut self,
        anchor: usize,
        tag: Option<&Tag>,
        usual: &str,
        content: Content,
    ) -> Result<(), Wrong> {
        if tag.is_some_and(|tag| !tag.is_yaml_core_schema() || tag.suffix != usual) {
            return Err(Wrong::NotRead("it has a tag"));
        }
        if self.is_at_key() {
            return Err(Wrong::Invalid("a key is no scalar"));
        }
        if self.frames.len() >= DEPTH_MAX {
            return Err(Wrong::NotRead("it is nested too deeply"));
        }
        self.frames.push(Frame {
            anchor,
            size: 1,
            content,
        });
        Ok(())
    }

    fn close(&mut self) -> Result<(), Wrong> {
        let Some(frame) = self.frames.pop() else {
            return Ok(());
        };
        let value = match frame.content {
            Content::List(elements) => Value::from(elements),
            Content::Map {
                mut members,
                merged,
                ..
            } => {
                for map in &merged {
                    let inner = map.as_object().into_iter().flat_map(|map| map.iter());
                    for (name, value) in inner {
                        members.entry(name.clone()).or_insert_with(|| value.clone());
                    }
                }
                Value::from(members)
            }
        };
        // What stands in it was counted when it was put there.
        self.size = self.size.saturating_sub(frame.size - 1);
        let node = Node {
            value,
            size: frame.size,
        };
        self.keep(frame.anchor, &node);
        self.put(node)
    }
}

/// What `<<` names: a map, or a list of maps, of which the first goes before.
fn maps(value: Value) -> Result<Vec<Value>, Wrong> {
    let no_map = || Wrong::Invalid("what is merged is no map");
    match &value {
        Value::Object(_) => Ok(vec![value]),
        Value::Array(maps) => {
            let mut all = maps.iter();
            match all.all(|map| matches!(map, Value::Object(_))) {
                true => Ok(maps.iter().cloned().collect()),
                false => Err(no_map()),
            }
        }
        _ => Err(no_map()),
    }
}

/// A key as JSON has it.
fn name(value: &Value) -> Result<Value, Wrong> {
    match value {
        Value::String(_) => Ok(value.clone()),
        Value::Bool(flag) => Ok(Value::from(flag.to_string())),
        Value::Number(number) if number.is_integer() => Ok(Value::from(number.format_decimal())),
        Value::Number(_) => Err(Wrong::NotRead("a key is a fraction")),
        _ => Err(Wrong::Invalid("a key is null")),
    }
}

fn scalar(text: &str, style: ScalarStyle, tag: Option<&Tag>) -> Result<Scalar, Wrong> {
    let is_text = match tag {
        None => style != ScalarStyle::Plain,
        Some(tag) if tag.is_yaml_core_schema() && tag.suffix == "str" => true,
        Some(_) => return Err(Wrong::NotRead("it has a tag")),
    };
    match is_text {
        true => Ok(Scalar::Value(Value::from(text))),
        false => plain(text).ok_or(Wrong::Invalid("a number that JSON does not have")),
    }
}
