//! Where what is changed stands in the text of a module: the parser leaves out the quotes of
//! texts, and does not say where an object begins, or an operator stands.

use regorus::unstable::{Expr, LiteralStmt, Ref};

use crate::bodies::is_movable;
use crate::token::{Kind, Token};

/// A text, and its tokens.
#[derive(Clone, Copy)]
pub(crate) struct Places<'a> {
    text: &'a str,
    tokens: &'a [Token<'a>],
}

// === impl Places ===

impl<'a> Places<'a> {
    pub(crate) fn new(text: &'a str, tokens: &'a [Token<'a>]) -> Self {
        Self { text, tokens }
    }

    /// What no name of the text begins with: these letters, and more of `_` behind them.
    pub(crate) fn unused(&self, letters: &str) -> String {
        let mut prefix = letters.to_owned();
        while self.text.contains(&prefix) {
            prefix.push('_');
        }
        prefix
    }

    /// Where something begins that the parser says begins at `at`.
    pub(crate) fn begin(&self, at: u32) -> usize {
        let at = usize::try_from(at).unwrap_or(usize::MAX);
        self.quoted(at).map_or(at, |text| text.at)
    }

    /// Where something ends that the parser says ends at `at`.
    pub(crate) fn end(&self, at: u32) -> usize {
        let at = usize::try_from(at).unwrap_or(usize::MAX);
        self.quoted(at).map_or(at, |text| text.at + text.length)
    }

    /// The text that a byte is in.
    fn quoted(&self, at: usize) -> Option<&Token<'a>> {
        let next = self.tokens.partition_point(|token| token.at < at);
        let token = self.tokens.get(next.checked_sub(1)?)?;
        let is_in = at < token.at + token.length;
        (is_in && matches!(token.kind, Kind::Text(_))).then_some(token)
    }

    /// An expression as it is written, but for an object.
    pub(crate) fn written(&self, expression: &Ref<Expr>) -> &'a str {
        let span = expression.span();
        self.slice(self.begin(span.start), self.end(span.end))
    }

    /// The tokens from a byte on, each with how many brackets are open around it.
    fn with_depth(&self, from: usize) -> impl Iterator<Item = (usize, &Token<'a>)> {
        let first = self.tokens.partition_point(|token| token.at < from);
        let mut depth = 0_usize;
        let tokens = self.tokens.iter().skip(first);
        tokens.map(move |token| match token.kind {
            Kind::Sign('(' | '[' | '{') => {
                depth += 1;
                (depth - 1, token)
            }
            Kind::Sign(')' | ']' | '}') => {
                depth = depth.saturating_sub(1);
                (depth, token)
            }
            _ => (depth, token),
        })
    }

    /// The first and last byte of each argument between the brackets that open at `from`.
    pub(crate) fn arguments(&self, from: usize) -> Vec<(usize, usize)> {
        let mut found = Vec::new();
        let mut begin = None;
        for (depth, token) in self.with_depth(from) {
            match (depth, token.kind, begin) {
                (0, Kind::Sign('('), None) => begin = Some(token.at + 1),
                (1, Kind::Sign(','), Some(first)) => {
                    found.push((first, token.at));
                    begin = Some(token.at + 1);
                }
                (0, Kind::Sign(')'), Some(first)) => {
                    // A comma may stand behind the last.
                    if !self.slice(first, token.at).trim().is_empty() {
                        found.push((first, token.at));
                    }
                    break;
                }
                (_, _, None) => break,
                _ => {}
            }
        }
        found
    }

    /// Where `=` or `:=` begins and ends in the statement that begins at `from`.
    pub(crate) fn operator(&self, from: usize) -> Option<(usize, usize)> {
        let mut before: Option<&Token<'_>> = None;
        for (depth, token) in self.with_depth(from) {
            if depth == 0 && token.kind == Kind::Sign('=') {
                let is_assigned = before.is_some_and(|it| it.kind == Kind::Sign(':'));
                let begin = before.filter(|_| is_assigned).unwrap_or(token);
                return Some((begin.at, token.at + 1));
            }
            before = Some(token);
        }
        None
    }

    /// Where the first of these words begins and ends behind a byte.
    pub(crate) fn word(&self, word: &str, from: usize) -> Option<(usize, usize)> {
        let mut tokens = self.with_depth(from);
        let (_, token) = tokens.find(|(_, token)| token.kind == Kind::Name(word))?;
        Some((token.at, token.at + token.length))
    }

    /// Where `some` stands, the commas behind it, and `in`.
    pub(crate) fn iteration(&self, from: usize, to: usize) -> Option<(usize, Vec<usize>, usize)> {
        let mut commas = Vec::new();
        let mut tokens = self.with_depth(from).take_while(|(_, it)| it.at < to);
        let (_, some) = tokens.next()?;
        if some.kind != Kind::Name("some") {
            return None;
        }
        for (depth, token) in tokens {
            match (depth, token.kind) {
                (0, Kind::Sign(',')) => commas.push(token.at),
                (0, Kind::Name("in")) => return Some((some.at, commas, token.at)),
                _ => {}
            }
        }
        None
    }

    /// Whether one of these names stands there, but as a member.
    pub(crate) fn mentions(&self, from: usize, to: usize, names: &[&str]) -> bool {
        let mut is_member = false;
        let tokens = self.tokens.iter().filter(|it| it.at >= from && it.at < to);
        for token in tokens {
            if let Kind::Name(name) = token.kind
                && !is_member
                && names.contains(&name)
            {
                return true;
            }
            is_member = token.kind == Kind::Sign('.');
        }
        false
    }

    /// The first bracket of an index from a byte on.
    pub(crate) fn bracket(&self, from: usize) -> Option<usize> {
        let first = self.tokens.partition_point(|token| token.at < from);
        let mut tokens = self.tokens.iter().skip(first);
        let token = tokens.find(|token| token.kind == Kind::Sign('['))?;
        Some(token.at)
    }

    /// What stands between the bracket at a byte and the one that closes it.
    pub(crate) fn index(&self, at: usize) -> Option<(usize, usize)> {
        let mut tokens = self.with_depth(at);
        let (_, first) = tokens.next()?;
        if first.at != at || first.kind != Kind::Sign('[') {
            return None;
        }
        let (_, last) = tokens.find(|(depth, _)| *depth == 0)?;
        Some((at + 1, last.at))
    }

    /// The text of a pattern on one line, if it can be.
    pub(crate) fn moved(&self, from: usize, to: usize) -> Option<String> {
        let text = self.slice(from, to).trim();
        let is_on_one_line = !text.contains(['\n', '\r']);
        let is_simple = is_on_one_line || !text.contains(['#', '`']);
        is_simple.then(|| text.replace(['\n', '\r'], " "))
    }

    /// The ends of lines between two bytes.
    pub(crate) fn lines(&self, from: usize, to: usize) -> String {
        "\n".repeat(self.slice(from, to).matches('\n').count())
    }

    /// What `with` says in a statement, for others; nothing, if they cannot say it.
    pub(crate) fn replaced(&self, statement: &LiteralStmt) -> Option<String> {
        let Some(first) = statement.with_mods.first() else {
            return Some(String::new());
        };
        let mut values = statement.with_mods.iter().map(|it| &it.r#as);
        let is_simple = values.all(is_movable);
        let text = self.moved(self.begin(first.span.start), self.end(statement.span.end));
        text.filter(|_| is_simple).map(|text| format!(" {text}"))
    }

    pub(crate) fn slice(&self, from: usize, to: usize) -> &'a str {
        self.text.get(from..to).unwrap_or_default()
    }
}
