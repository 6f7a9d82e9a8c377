//! `deny contains x.message if some x in xs`: where one `x` has no message, OPA passes over it,
//! and the interpreter drops what the others gave. What a head gives is put together in a
//! comprehension with the body, `deny contains head if some head in [x.message | some x in xs]`.

use regorus::PolicyLengthConfig;
use regorus::unstable::{
    AssignOp, Expr, Literal, Module, Ref, Rule, RuleAssign, RuleBody, RuleHead,
};

use crate::bodies::{parsed, parts};
use crate::edits::Edits;
use crate::places::Places;
use crate::syntax::line;
use crate::token::tokens;

/// What is called so that a head gives; numbers are those of its indices.
const HEAD: &str = "head__";

/// The module with heads that give what has a value. One that cannot be parsed is left as it is,
/// for a better message.
pub(crate) fn translated(text: String, lengths: &PolicyLengthConfig) -> Result<String, String> {
    let Some(module) = parsed(&text, lengths) else {
        return Ok(text);
    };
    let tokens = tokens(&text);
    let places = Places::new(&text, &tokens);
    let heads = Heads {
        places,
        name: places.unused(HEAD),
    };
    let mut edits = Edits::default();
    for rule in &module.policy {
        if is_open(rule) || is_beside_open(rule, &module) {
            edits.extend(heads.rule(rule)?);
        }
    }
    Ok(edits.applied(&text))
}

/// What the head of a partial rule gives, as it was written.
pub(crate) fn given(rule: &Rule) -> Option<&Ref<Expr>> {
    let Rule::Spec {
        head: RuleHead::Set { key, .. },
        bodies,
        ..
    } = rule
    else {
        return None;
    };
    let key = key.as_ref()?;
    let first = bodies.first().and_then(|body| body.query.stmts.first());
    let Some(Literal::SomeIn {
        value, collection, ..
    }) = first.map(|statement| &statement.literal)
    else {
        return Some(key);
    };
    let (Expr::Array { items, .. }, Expr::ArrayCompr { term, .. }) =
        (value.as_ref(), collection.as_ref())
    else {
        return Some(key);
    };
    let is_head = items.last().map(|it| it.span().text()) == Some(key.span().text());
    match term.as_ref() {
        Expr::Array { items, .. } if is_head => items.last(),
        _ => Some(key),
    }
}

/// Whether a rule may give something for one value and nothing for another.
fn is_open(rule: &Rule) -> bool {
    let Rule::Spec { head, bodies, .. } = rule else {
        return false;
    };
    let mut given = Vec::new();
    let reference = match head {
        RuleHead::Func { .. } => return false,
        RuleHead::Compr { refr, assign, .. } => {
            given.extend(assign.iter().map(|assign| &assign.value));
            refr
        }
        RuleHead::Set { refr, key, .. } => {
            given.extend(key);
            refr
        }
    };
    let assigned = bodies.iter().filter_map(|body| body.assign.as_ref());
    given.extend(assigned.map(|assign| &assign.value));
    let mut indices = Vec::new();
    find_indices(reference, &mut indices);
    given.extend(indices.into_iter().map(|(_, index)| index));
    let has_body = bodies.iter().any(|body| !body.query.stmts.is_empty());
    given
        .into_iter()
        .any(|it| may_lack(it) && (has_body || iterates(it)))
}

/// A partial rule under a variable has the same head as the others.
fn is_beside_open(rule: &Rule, module: &Module) -> bool {
    let has_indices = |rule: &Rule| {
        let mut indices = Vec::new();
        if let Rule::Spec {
            head: RuleHead::Set { refr, .. },
            ..
        } = rule
        {
            find_indices(refr, &mut indices);
        }
        !indices.is_empty()
    };
    let mut rules = module.policy.iter();
    has_indices(rule) && rules.any(|other| has_indices(other) && is_open(other))
}

/// Whether an expression may have no value where its names have one.
fn may_lack(expression: &Ref<Expr>) -> bool {
    match expression.as_ref() {
        Expr::String { .. }
        | Expr::RawString { .. }
        | Expr::Number { .. }
        | Expr::Bool { .. }
        | Expr::Null { .. }
        | Expr::Var { .. }
        | Expr::ArrayCompr { .. }
        | Expr::SetCompr { .. }
        | Expr::ObjectCompr { .. } => false,
        Expr::Array { .. } | Expr::Set { .. } | Expr::Object { .. } => {
            parts(expression).into_iter().any(may_lack)
        }
        _ => true,
    }
}

/// Whether an expression may have several values.
fn iterates(expression: &Ref<Expr>) -> bool {
    let is_written = |index: &Ref<Expr>| {
        matches!(
            index.as_ref(),
            Expr::String { .. } | Expr::RawString { .. } | Expr::Number { .. }
        )
    };
    match expression.as_ref() {
        Expr::RefBrack { index, .. } if !is_written(index) => true,
        Expr::Call { fcn, .. } if fcn.span().text() == "walk" => true,
        _ => parts(expression).into_iter().any(iterates),
    }
}

/// The indices of a head that are not written out, and the references that they end.
fn find_indices<'a>(reference: &'a Ref<Expr>, found: &mut Vec<(&'a Ref<Expr>, &'a Ref<Expr>)>) {
    match reference.as_ref() {
        Expr::RefDot { refr, .. } => find_indices(refr, found),
        Expr::RefBrack { refr, index, .. } => {
            find_indices(refr, found);
            let is_constant = matches!(
                index.as_ref(),
                Expr::String { .. }
                    | Expr::RawString { .. }
                    | Expr::Number { .. }
                    | Expr::Bool { .. }
                    | Expr::Null { .. }
            );
            if !is_constant {
                found.push((reference, index));
            }
        }
        _ => {}
    }
}

/// A text whose heads are changed.
struct Heads<'a> {
    places: Places<'a>,
    name: String,
}

// === impl Heads ===

impl Heads<'_> {
    fn rule(&self, rule: &Rule) -> Result<Edits, String> {
        let mut edits = Edits::default();
        let Rule::Spec { head, bodies, .. } = rule else {
            return Ok(edits);
        };
        let mut indices = Vec::new();
        find_indices(crate::syntax::reference(rule), &mut indices);
        // Names of a body are not known outside of it.
        let is_needed = |value: &Ref<Expr>| !indices.is_empty() || may_lack(value);
        let (span, reference, value) = match head {
            RuleHead::Func { .. } => return Ok(edits),
            RuleHead::Compr { span, refr, assign } => {
                let open = assign.as_ref().filter(|it| is_needed(&it.value));
                (span, refr, open.map(|it| self.assigned(it)))
            }
            RuleHead::Set { span, refr, key } => {
                let value = key.as_ref().filter(|it| is_needed(it)).map(|_| {
                    let from = self.places.end(refr.span().end);
                    let (_, from) = self.places.word("contains", from)?;
                    Some((from, self.places.end(span.end)))
                });
                (span, refr, value)
            }
        };
        let refused = || {
            format!(
                "line {}: what this head gives cannot be taken apart\nhint: give it a name in the body",
                line(reference)
            )
        };
        let value = match value {
            Some(None) => return Err(refused()),
            Some(value) => value,
            None => None,
        };
        let mut moved = Vec::new();
        for (place, (whole, _)) in indices.iter().enumerate() {
            let Expr::RefBrack { refr, .. } = whole.as_ref() else {
                continue;
            };
            // The parser says that a reference in a head ends before its last bracket.
            let bracket = self.places.bracket(self.places.end(refr.span().end));
            let index = bracket.and_then(|at| self.places.index(at));
            let moved_text = index.and_then(|(from, to)| self.places.moved(from, to));
            let (Some((from, to)), Some(text)) = (index, moved_text) else {
                return Err(refused());
            };
            edits.replace(from, to, format!("{}{place}", self.name));
            moved.push(text);
        }
        let end = self.places.end(span.end);
        let mut bodies = bodies.iter();
        self.body(&mut edits, &moved, value, end, bodies.next());
        for body in bodies {
            let open = body.assign.as_ref().filter(|it| is_needed(&it.value));
            let value = open.and_then(|it| self.assigned(it));
            let begin = self.places.begin(body.span.start) + "else".len();
            let end = value.map_or(begin, |(_, end)| end);
            self.body(&mut edits, &moved, value, end, Some(body));
        }
        Ok(edits)
    }

    /// Where what is assigned begins and ends.
    fn assigned(&self, assign: &RuleAssign) -> Option<(usize, usize)> {
        let operator = match assign.op {
            AssignOp::ColEq => ":=",
            AssignOp::Eq => "=",
        };
        let from = self.places.begin(assign.span.start) + operator.len();
        Some((from, self.places.end(assign.span.end)))
    }

    /// Puts what is given, which ends at `end`, and a body into one comprehension.
    fn body(
        &self,
        edits: &mut Edits,
        moved: &[String],
        value: Option<(usize, usize)>,
        end: usize,
        body: Option<&RuleBody>,
    ) {
        let names = (0..moved.len()).map(|place| format!("{}{place}", self.name));
        let mut names: Vec<String> = names.collect();
        let mut begin = String::new();
        if value.is_some() {
            begin.push_str(&format!(" {}", self.name));
            names.push(self.name.clone());
        }
        if names.is_empty() {
            return;
        }
        let given = moved.iter().map(|text| format!("{text}, "));
        let given: String = given.collect();
        begin.push_str(&format!(" if {{ some [{}] in [[{given}", names.join(", ")));
        edits.insert(value.map_or(end, |(from, _)| from), begin);
        let query = body.map(|body| &body.query);
        let first = query.and_then(|query| Some((query, query.stmts.first()?)));
        let Some((query, first)) = first else {
            edits.insert(end, "] | true] }");
            return;
        };
        let is_braced = query.span.start < first.span.start;
        let from = self.places.begin(query.span.start) + usize::from(is_braced);
        let to = self.places.end(query.span.end);
        let lines = self.places.lines(end, from);
        edits.replace(end, from, format!("] | {lines}"));
        edits.replace(to - usize::from(is_braced), to, "] }");
    }
}
