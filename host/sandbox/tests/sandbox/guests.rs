//! Guests for the tests, written as core modules and made components by
//! `wit-component`, as a toolchain would.

use std::sync::Arc;

use gatewright_policy::json::{Document, JsonLimits};
use gatewright_policy::request::{PastCall, PastOutcome};
use gatewright_policy::{
    Action, ArgumentRoles, Context, Hints, Label, Proof, Purpose, Request, Subject, Timestamp,
};
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

/// The host functions that every test guest knows, by the name it uses.
const IMPORTS: [(&str, &str, &str, &str); 9] = [
    ("$get", "arguments", "get", "i32 i32 i32"),
    ("$keys", "arguments", "keys", "i32 i32 i32"),
    ("$json", "arguments", "json", "i32 i32 i32"),
    ("$result_get", "response", "get", "i32 i32 i32"),
    ("$result_keys", "response", "keys", "i32 i32 i32"),
    ("$result_json", "response", "json", "i32 i32 i32"),
    ("$is_error", "response", "is-error", ""),
    ("$recent", "history", "recent", "i32 i32"),
    ("$log", "log", "write", "i32 i32 i32"),
];

/// A component of a world from the parts of a core module: what `configure` and
/// the function of the world do, and anything else at the top level. Memory is
/// zero where the parts put nothing, and `64` starts the heap at 4096.
pub(crate) struct Parts<'a> {
    pub(crate) world: &'a str,
    pub(crate) configure: &'a str,
    pub(crate) answer: &'a str,
    pub(crate) top: &'a str,
    pub(crate) encoding: StringEncoding,
}

impl Parts<'_> {
    pub(crate) fn build(&self) -> Vec<u8> {
        let wit = include_str!("../../../../wit/policy.wit");
        component(wit, self.world, &self.module(), self.encoding)
    }

    /// The core module, as text.
    pub(crate) fn module(&self) -> String {
        let (interface, function) = match self.world {
            "policy" => ("judging", "judge"),
            "editor" => ("revising", "revise"),
            "reviewer" => ("reviewing", "review"),
            other => panic!("no world `{other}`"),
        };
        let text = format!("{} {} {}", self.configure, self.answer, self.top);
        let mut imports = String::new();
        for (name, module, field, parameters) in IMPORTS {
            let used = text.split([' ', ')', '\n']).any(|word| word == name);
            if used {
                let result = if parameters.is_empty() {
                    "(result i32)"
                } else {
                    ""
                };
                imports += &format!(
                    "(import \"gatewright:policy/{module}@0.1.0\" \"{field}\" \
                     (func {name} (param {parameters}) {result}))\n"
                );
            }
        }
        format!(
            r#"(module
                {imports}
                (memory (export "memory") 1)
                (global $heap (mut i32) (i32.const 4096))
                (func $realloc (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
                    (local $at i32)
                    (local.set $at (i32.and
                        (i32.add (global.get $heap) (i32.const 7)) (i32.const -8)))
                    (global.set $heap (i32.add (local.get $at) (local.get 3)))
                    (if (i32.gt_u (global.get $heap) (i32.mul (memory.size) (i32.const 65536)))
                        (then (drop (memory.grow (i32.add (i32.const 1)
                            (i32.div_u (local.get 3) (i32.const 65536)))))))
                    (local.get $at))
                (func (export "gatewright:policy/{interface}@0.1.0#configure")
                    (param $settings i32) (param $length i32) (result i32)
                    {configure})
                (func (export "gatewright:policy/{interface}@0.1.0#{function}")
                    (param $request i32) (result i32)
                    {answer})
                {top}
            )"#,
            configure = self.configure,
            answer = self.answer,
            top = self.top,
        )
    }
}

/// A judge.
pub(crate) fn judge(answer: &str, top: &str) -> Vec<u8> {
    of_world("policy", answer, top)
}

/// A guest of a world that accepts all settings.
pub(crate) fn of_world(world: &str, answer: &str, top: &str) -> Vec<u8> {
    Parts {
        world,
        configure: "(i32.const 0)",
        answer,
        top,
        encoding: StringEncoding::UTF8,
    }
    .build()
}

/// A judge that does something when it is configured.
pub(crate) fn configured(configure: &str, answer: &str, top: &str) -> Vec<u8> {
    Parts {
        world: "policy",
        configure,
        answer,
        top,
        encoding: StringEncoding::UTF8,
    }
    .build()
}

/// A component of a core module, for a world of some WIT that may build on the
/// contract's.
pub(crate) fn component(wit: &str, world: &str, module: &str, encoding: StringEncoding) -> Vec<u8> {
    let mut module = wat::parse_str(module).unwrap_or_else(|error| panic!("{error}\n{module}"));
    let mut resolve = Resolve::default();
    let contract = include_str!("../../../../wit/policy.wit");
    let mut package = resolve.push_str("policy.wit", contract).unwrap();
    if wit != contract {
        package = resolve.push_str("guest.wit", wit).unwrap();
    }
    let world = resolve.select_world(&[package], Some(world)).unwrap();
    embed_component_metadata(&mut module, &resolve, world, encoding, false).unwrap();
    let mut encoder = ComponentEncoder::default();
    encoder
        .validate(true)
        .module(&module)
        .unwrap()
        .encode()
        .unwrap()
}

/// A request with these arguments.
pub(crate) fn request(arguments: &str) -> Arc<Request> {
    let past = |second, name: &str, outcome| PastCall {
        at: Timestamp::from_seconds(second),
        method: "tools/call".to_owned(),
        server: "files".into(),
        name: name.to_owned(),
        id: "call".into(),
        outcome,
        reason: None,
    };
    Arc::new(Request {
        subject: Arc::new(Subject {
            id: "did:key:agent".to_owned(),
            issuer: "did:key:issuer".to_owned(),
            principal: Some("alice".to_owned()),
            owner: None,
            delegation: vec!["did:key:first".to_owned()],
            delegated_by: vec!["did:key:issuer".to_owned()],
            scopes: vec!["files:*".to_owned(), "mail:send".to_owned()],
            proof: Proof::Sender,
            expires_at: Timestamp::from_seconds(2_000_000_000),
            claims: Vec::new(),
        }),
        action: Action {
            method: "tools/call".to_owned(),
            server: "files".into(),
            name: "read_file".to_owned(),
            hints: Hints {
                destructive: true,
                ..Hints::default()
            },
            roles: Arc::new(ArgumentRoles {
                targets: vec!["/path".to_owned()],
                contents: vec!["/body".to_owned()],
            }),
            purpose: Purpose::Call,
            defined: Default::default(),
        },
        context: Context {
            at: Timestamp::from_seconds(1_900_000_000),
            decision: "decision-1".into(),
            session: "session-1".into(),
            labels: vec![Label::named("tainted")],
            approvals: Vec::new(),
            budgets: Vec::new(),
            history: Arc::new([
                Arc::new(past(3, "write_file", PastOutcome::Denied)),
                Arc::new(past(2, "read_file", PastOutcome::Allowed)),
            ]),
        },
        arguments: Document::parse(arguments, &JsonLimits::default()).unwrap(),
    })
}
