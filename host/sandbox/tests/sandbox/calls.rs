//! Guests that behave: what they see, and what becomes of their answers.

use gatewright_policy::json::{Document, JsonLimits};
use gatewright_policy::{
    Ask, Charge, Denial, Edit, Fault, Finding, Limit, Obligation, OnFailure, Opinion, Refusal,
    Report, Response, ResponseKind, Verdict, WindowLimit,
};
use gatewright_sandbox::{LogLevel, World};

use crate::guests::{configured, judge, of_world, request};
use crate::{SANDBOX, limits, load, run};

/// Denies, and says as the message what a host function wrote at 512: an
/// `option<string>` when `text` is 4, an `option<value>` when it is 16.
fn says(text: u32, call: &str, top: &str) -> Vec<u8> {
    let length = text + 4;
    judge(
        &format!(
            "{call}
             (i32.store8 (i32.const 64) (i32.const 2))
             (i32.store8 (i32.const 68) (i32.const 2))
             (i32.store (i32.const 72) (i32.load (i32.const {})))
             (i32.store (i32.const 76) (i32.load (i32.const {})))
             (i32.const 64)",
            512 + text,
            512 + length,
        ),
        top,
    )
}

fn allow(obligations: Vec<Obligation>) -> Opinion {
    Opinion {
        obligations,
        ..Verdict::Allow.into()
    }
}

fn message(component: &[u8], arguments: &str) -> String {
    let answer = run(load(component).judge(&request(arguments)));
    match answer.result.map(|opinion| opinion.verdict) {
        Ok(Verdict::Deny(denial)) => {
            assert_eq!(denial.refusal, Refusal::InvalidArguments);
            denial.message
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_judge_that_says_nothing_abstains() {
    let answer = run(load(&judge("(i32.const 64)", "")).judge(&request("{}")));
    assert_eq!(answer.result, Ok(Verdict::Abstain.into()));
    assert!(answer.fuel > 0 && answer.log.is_empty());
}

#[test]
fn a_judge_reads_text_arguments_by_pointer() {
    let guest = says(
        16,
        "(call $get (i32.const 1024) (i32.const 7) (i32.const 512))",
        r#"(data (i32.const 1024) "/a/path")"#,
    );
    assert_eq!(
        message(&guest, r#"{"a":{"path":"/etc/\u0070asswd"}}"#),
        "/etc/passwd"
    );
}

#[test]
fn a_judge_reads_json_as_it_was_written() {
    let guest = says(
        4,
        "(call $json (i32.const 1024) (i32.const 2) (i32.const 512))",
        r#"(data (i32.const 1024) "/n")"#,
    );
    assert_eq!(
        message(&guest, r#"{"n":[1.00,  "\u0041"]}"#),
        r#"[1.00,  "\u0041"]"#
    );
}

#[test]
fn integers_arrive_as_integers_and_other_numbers_as_written() {
    // Answers `limit-result` with the discriminant of the value and its bits.
    let guest = load(&judge(
        "(call $get (i32.const 1024) (i32.const 2) (i32.const 512))
         (i32.store8 (i32.const 64) (i32.const 1))
         (i32.store (i32.const 68) (i32.const 128))
         (i32.store (i32.const 72) (i32.const 1))
         (i32.store8 (i32.const 128) (i32.const 3))
         (i64.store (i32.const 136) (i64.add
            (i64.mul (i64.load8_u (i32.const 520)) (i64.const 1000))
            (select (i64.load (i32.const 528)) (i64.const 0)
                (i32.eq (i32.load8_u (i32.const 520)) (i32.const 2)))))
         (i32.const 64)",
        r#"(data (i32.const 1024) "/n")"#,
    ));
    for (number, expected) in [
        ("42", 2042_u64),
        ("0", 2000),
        ("-0", 3000),
        ("1.0", 3000),
        ("4e1", 3000),
        ("9223372036854775808", 3000),
        ("null", 0),
        ("true", 1000),
        ("\"x\"", 4000),
        ("[1,2]", 5000),
        ("{}", 6000),
    ] {
        let answer = run(guest.judge(&request(&format!("{{\"n\":{number}}}"))));
        let expected = allow(vec![Obligation::LimitResult(expected)]);
        assert_eq!(answer.result, Ok(expected), "{number}");
    }
}

#[test]
fn every_part_of_an_answer_arrives() {
    let charge = judge(
        "(i32.const 64)",
        r#"(data (i32.const 64) "\01\00\00\00\80\00\00\00\03\00\00\00")
           (data (i32.const 128)
             "\00\00\00\00\00\00\00\00" "\00\02\00\00\03\00\00\00"
             "\05\00\00\00\00\00\00\00" "\06\00\00\00\00\00\00\00" "\07\00\00\00\00\00\00\00")
           (data (i32.const 168) "\01\00\00\00\00\00\00\00" "\00\03\00\00\01\00\00\00")
           (data (i32.const 208) "\02\00\00\00\00\00\00\00" "\00\03\00\00\01\00\00\00")
           (data (i32.const 512) "key")
           (data (i32.const 768) "\00\02\00\00\01\00\00\00")"#,
    );
    let ask = judge(
        "(i32.const 64)",
        r#"(data (i32.const 64) "\03\00\00\00" "\00\02\00\00\03\00\00\00"
             "\01\02\00\00\02\00\00\00" "\00\03\00\00\01\00\00\00" "\02\00\00\00" "\3c\00\00\00")
           (data (i32.const 512) "key")
           (data (i32.const 768) "\00\02\00\00\03\00\00\00")"#,
    );
    let deny = judge(
        "(i32.const 64)",
        r#"(data (i32.const 64) "\02\00\00\00" "\01\00\00\00" "\00\02\00\00\03\00\00\00"
             "\00\03\00\00\01\00\00\00")
           (data (i32.const 512) "key")
           (data (i32.const 768) "\01\02\00\00\02\00\00\00")"#,
    );
    for (component, opinion) in [
        (
            charge,
            allow(vec![
                Obligation::Charge(Charge {
                    key: "key".to_owned(),
                    cost: 5,
                    limit: Limit::Fixed(WindowLimit {
                        limit: 6,
                        window_seconds: 7,
                    }),
                    on_failure: OnFailure::Keep,
                }),
                Obligation::Label(vec!["k".to_owned()]),
                Obligation::Redact(vec!["k".to_owned()]),
            ]),
        ),
        (
            ask,
            Opinion::from(Verdict::Ask(Ask {
                title: "key".to_owned(),
                reason: "ey".to_owned(),
                show: Vec::new(),
                roles: vec!["key".to_owned()],
                quorum: 2,
                exclude_requester: false,
                exclude: Vec::new(),
                decide_within_seconds: Ask::default_decide_within(),
                use_within_seconds: 60,
            })),
        ),
        (
            deny,
            Opinion::from(Verdict::Deny(Denial {
                refusal: Refusal::InsufficientScope,
                message: "key".to_owned(),
                scopes: vec!["ey".to_owned()],
            })),
        ),
    ] {
        assert_eq!(
            run(load(&component).judge(&request("{}"))).result,
            Ok(opinion)
        );
    }
}

#[test]
fn a_judge_sees_the_subject_the_action_and_the_context() {
    // The request arrives by pointer; each case answers with one string of it.
    let field = |offset: u32| {
        judge(
            &format!(
                "(i32.store8 (i32.const 64) (i32.const 2))
                 (i32.store8 (i32.const 68) (i32.const 2))
                 (i32.store (i32.const 72) (i32.load offset={offset} (local.get $request)))
                 (i32.store (i32.const 76) (i32.load offset={} (local.get $request)))
                 (i32.const 64)",
                offset + 4
            ),
            "",
        )
    };
    // subject: id 0, issuer 8, principal 16 (option), owner 28, delegation 40,
    // scopes 48, proof 56, expires-at 64; action: method 72, server 80, name 88,
    // hints 96; context: at 104, session 112, labels 120, approvers 128.
    for (offset, expected) in [
        (0, "did:key:agent"),
        (8, "did:key:issuer"),
        (20, "alice"),
        (72, "tools/call"),
        (80, "files"),
        (88, "read_file"),
        (112, "session-1"),
    ] {
        assert_eq!(message(&field(offset), "{}"), expected);
    }
    let numbers = judge(
        "(i32.store8 (i32.const 64) (i32.const 1))
         (i32.store (i32.const 68) (i32.const 128))
         (i32.store (i32.const 72) (i32.const 4))
         (i32.store8 (i32.const 128) (i32.const 3))
         (i64.store (i32.const 136) (i64.load offset=64 (local.get $request)))
         (i32.store8 (i32.const 168) (i32.const 3))
         (i64.store (i32.const 176) (i64.load offset=104 (local.get $request)))
         (i32.store8 (i32.const 208) (i32.const 3))
         (i64.store (i32.const 216) (i64.load8_u offset=56 (local.get $request)))
         (i32.store8 (i32.const 248) (i32.const 3))
         (i64.store (i32.const 256) (i64.load8_u offset=96 (local.get $request)))
         (i32.const 64)",
        "",
    );
    let answer = run(load(&numbers).judge(&request("{}")));
    let expected = [2_000_000_000_000, 1_900_000_000_000, 2, 2];
    let obligations = expected.map(Obligation::LimitResult).to_vec();
    assert_eq!(answer.result, Ok(allow(obligations)));
}

#[test]
fn history_is_read_newest_first_up_to_the_limit() {
    // past-call: at 0, method 8, server 16, name 24, outcome 32; 40 bytes each.
    let guest = |limit: u32, place: u32| {
        judge(
            &format!(
                "(call $recent (i32.const {limit}) (i32.const 512))
                 (if (i32.ne (i32.load (i32.const 516)) (i32.const {limit}))
                    (then unreachable))
                 (i32.store8 (i32.const 64) (i32.const 2))
                 (i32.store8 (i32.const 68) (i32.const 2))
                 (i32.store (i32.const 72)
                    (i32.load offset={} (i32.load (i32.const 512))))
                 (i32.store (i32.const 76)
                    (i32.load offset={} (i32.load (i32.const 512))))
                 (i32.const 64)",
                24 + 40 * place,
                28 + 40 * place,
            ),
            "",
        )
    };
    assert_eq!(message(&guest(1, 0), "{}"), "write_file");
    assert_eq!(message(&guest(2, 1), "{}"), "read_file");
}

#[test]
fn an_editor_answers_with_edits_or_gives_up() {
    let edits = of_world(
        "editor",
        "(i32.const 64)",
        r#"(data (i32.const 64) "\00\00\00\00" "\80\00\00\00\02\00\00\00")
           (data (i32.const 128) "\00\02\00\00\02\00\00\00" "\01\00\00\00" "\03\02\00\00\01\00\00\00")
           (data (i32.const 148) "\00\02\00\00\02\00\00\00" "\00\00\00\00" "\00\00\00\00\00\00\00\00")
           (data (i32.const 512) "/a 1")"#,
    );
    let guest = load(&edits);
    assert_eq!(guest.world(), World::Editor);
    let edit = |json: Option<&str>| Edit {
        pointer: "/a".to_owned(),
        json: json.map(str::to_owned),
    };
    let answer = run(guest.revise(&request("{}")));
    let edits = answer.result.map(|revision| revision.edits);
    assert_eq!(edits, Ok(vec![edit(Some("1")), edit(None)]));

    let gives_up = of_world(
        "editor",
        "(i32.const 64)",
        r#"(data (i32.const 64) "\01\00\00\00" "\00\02\00\00\02\00\00\00")
           (data (i32.const 512) "no")"#,
    );
    let answer = run(load(&gives_up).revise(&request("{}")));
    assert_eq!(answer.result, Err(Fault::GaveUp("no".to_owned())));
}

#[test]
fn a_reviewer_reads_the_result_and_blocks_or_passes() {
    // Blocks errors with their text at `/t`; passes the rest with one label.
    let component = of_world(
        "reviewer",
        "(if (result i32) (call $is_error)
            (then
                (call $result_get (i32.const 1024) (i32.const 2) (i32.const 512))
                (i32.store8 (i32.const 64) (i32.const 1))
                (i32.store (i32.const 68) (i32.load (i32.const 528)))
                (i32.store (i32.const 72) (i32.load (i32.const 532)))
                (i32.const 64))
            (else
                (i32.store (i32.const 76) (i32.const 128))
                (i32.store (i32.const 80) (i32.const 1))
                (i32.const 64)))",
        r#"(data (i32.const 1024) "/t") (data (i32.const 128) "\00\04\00\00\02\00\00\00")"#,
    );
    let guest = load(&component);
    let response = |is_error| Response {
        document: Document::parse(r#"{"t":"it broke"}"#, &JsonLimits::default()).unwrap(),
        kind: ResponseKind::Final,
        is_error,
    };
    let report = |finding, labels| Report {
        finding,
        labels,
        charges: Vec::new(),
        notes: Vec::new(),
    };
    let blocked = run(guest.review(&request("{}"), &response(true)));
    let message = "it broke".to_owned();
    assert_eq!(
        blocked.result,
        Ok(report(Finding::Block { message }, Vec::new()))
    );
    let passed = run(guest.review(&request("{}"), &response(false)));
    let (edits, labels) = (Vec::new(), vec!["/t".to_owned()]);
    assert_eq!(passed.result, Ok(report(Finding::Pass { edits }, labels)));
}

#[test]
fn the_same_call_uses_the_same_fuel_every_time() {
    let guest = load(&says(
        16,
        "(call $get (i32.const 1024) (i32.const 2) (i32.const 512))",
        r#"(data (i32.const 1024) "/a")"#,
    ));
    let small = request(r#"{"a":"x"}"#);
    let large = request(&format!(r#"{{"a":"{}"}}"#, "x".repeat(100_000)));
    let first = run(guest.judge(&small));
    for _ in 0..50 {
        assert_eq!(run(guest.judge(&small)), first);
    }
    assert!(run(guest.judge(&large)).fuel > first.fuel + 100_000);
    let again = load(&says(
        16,
        "(call $get (i32.const 1024) (i32.const 2) (i32.const 512))",
        r#"(data (i32.const 1024) "/a")"#,
    ));
    assert_eq!(run(again.judge(&small)), first);
}

#[test]
fn no_state_survives_a_call() {
    let guest = load(&judge(
        "(global.set $calls (i64.add (global.get $calls) (i64.const 1)))
         (i64.store (i32.const 256) (i64.add (i64.load (i32.const 256)) (i64.const 1)))
         (i32.store8 (i32.const 64) (i32.const 1))
         (i32.store (i32.const 68) (i32.const 128))
         (i32.store (i32.const 72) (i32.const 1))
         (i32.store8 (i32.const 128) (i32.const 3))
         (i64.store (i32.const 136) (i64.add
            (i64.mul (i64.load (i32.const 256)) (i64.const 10)) (global.get $calls)))
         (i32.const 64)",
        "(global $calls (mut i64) (i64.const 0))",
    ));
    for _ in 0..100 {
        let obligations = vec![Obligation::LimitResult(11)];
        let answer = run(guest.judge(&request("{}")));
        assert_eq!(answer.result, Ok(allow(obligations)));
    }
}

#[test]
fn log_lines_come_with_the_answer_and_with_a_trap() {
    let line = "(call $log (i32.const 2) (i32.const 1024) (i32.const 5))";
    for (end, is_good) in [("(i32.const 64)", true), ("unreachable", false)] {
        let data = r#"(data (i32.const 1024) "hello")"#;
        let component = configured("(i32.const 0)", &format!("{line} {line} {end}"), data);
        let answer = run(load(&component).judge(&request("{}")));
        assert_eq!(answer.result.is_ok(), is_good);
        assert_eq!(answer.log.len(), 2);
        assert_eq!(
            (answer.log[0].level, answer.log[0].text.as_str()),
            (LogLevel::Warn, "hello")
        );
    }
}

#[test]
fn loading_and_calling_may_move_between_threads() {
    fn movable<T: Send + 'static>(future: impl Future<Output = T> + Send) -> T {
        run(future)
    }
    let component = judge("(i32.const 64)", "");
    let guest = movable(SANDBOX.load(&component, "{}", limits())).unwrap();
    let asked = request("{}");
    assert!(movable(guest.judge(&asked)).result.is_ok());
}
