//! Guests that misbehave: each gets the fault it earned, and nobody else is hurt.

use std::sync::Arc;
use std::task::Poll;
use std::time::{Duration, Instant};

use gatewright_policy::{Fault, Request, Subject, Verdict};
use gatewright_sandbox::{
    LOG_LINE_BYTES_MAX, LOG_LINES_MAX, Limits, LoadError, Sandbox, SandboxConfig,
};
use wit_component::StringEncoding;

use crate::guests::{Parts, judge, of_world, request};
use crate::{SANDBOX, limits, load, run};

const LOOP: &str = "(loop $again (br $again)) (i32.const 64)";

/// `Ok` with the text of the trap, for faults whose text is not ours.
#[derive(Debug, PartialEq)]
enum Expected {
    Exactly(Fault),
    BadOutput,
}

#[test]
fn each_misdeed_is_its_own_fault() {
    use Expected::{BadOutput, Exactly};
    let trapped = |kind: &str| Exactly(Fault::Trapped(kind.to_owned()));
    let list_of_strings = |count: u32, length: u32| {
        format!(
            "(local $at i32)
             (drop (memory.grow (i32.const 64)))
             (loop $fill
                (i32.store offset=65536 (local.get $at) (i32.const 1024))
                (i32.store offset=65540 (local.get $at) (i32.const {length}))
                (local.set $at (i32.add (local.get $at) (i32.const 8)))
                (br_if $fill (i32.lt_u (local.get $at) (i32.const 1000000))))
             (i32.store8 (i32.const 64) (i32.const 1))
             (i32.store (i32.const 68) (i32.const 128))
             (i32.store (i32.const 72) (i32.const 1))
             (i32.store8 (i32.const 128) (i32.const 1))
             (i32.store (i32.const 136) (i32.const 65536))
             (i32.store (i32.const 140) (i32.const {count}))
             (i32.const 64)"
        )
    };
    let message = |at: u32, length: u32| {
        format!(
            "(drop (memory.grow (i32.const 64)))
             (i32.store8 (i32.const 64) (i32.const 2))
             (i32.store (i32.const 72) (i32.const {at}))
             (i32.store (i32.const 76) (i32.const {length}))
             (i32.const 64)"
        )
    };
    for (claim, answer, top, expected) in [
        ("loops", LOOP, "", Exactly(Fault::OutOfFuel)),
        (
            "traps",
            "unreachable",
            "",
            trapped("unreachable code reached"),
        ),
        (
            "recurses",
            "(call $deeper (i32.const 0)) (i32.const 64)",
            "(func $deeper (param i32) (call $deeper (i32.add (local.get 0) (i32.const 1))))",
            trapped("stack overflow"),
        ),
        (
            "divides by zero",
            "(i32.div_u (i32.const 1) (i32.load (i32.const 0)))",
            "",
            trapped("integer division by zero"),
        ),
        (
            "reads beyond its memory",
            "(i32.load (i32.const -8))",
            "",
            trapped("memory out of bounds"),
        ),
        (
            "grows until it aborts",
            "(loop $again (br_if $again
                (i32.ne (memory.grow (i32.const 16)) (i32.const -1)))) unreachable",
            "",
            Exactly(Fault::OutOfMemory),
        ),
        (
            "grows a table until it aborts",
            "(loop $again (br_if $again
                (i32.ne (table.grow (ref.null func) (i32.const 1024)) (i32.const -1))))
             unreachable",
            "(table 1 funcref)",
            Exactly(Fault::OutOfMemory),
        ),
        (
            "returns a pointer outside",
            "(i32.const -64)",
            "",
            BadOutput,
        ),
        ("returns a pointer askew", "(i32.const 65)", "", BadOutput),
        (
            "names no verdict",
            "(i32.store8 (i32.const 64) (i32.const 9)) (i32.const 64)",
            "",
            BadOutput,
        ),
        (
            "names no refusal",
            "(i32.store8 (i32.const 64) (i32.const 2))
             (i32.store8 (i32.const 68) (i32.const 4)) (i32.const 64)",
            "",
            BadOutput,
        ),
        (
            "says what is not UTF-8",
            &message(1024, 2),
            r#"(data (i32.const 1024) "\c3\28")"#,
            BadOutput,
        ),
        ("says too much", &message(65_536, 300_000), "", BadOutput),
        (
            "says something outside",
            &message(1024, 0x7fff_ffff),
            "",
            BadOutput,
        ),
        (
            "lists one long string often",
            &list_of_strings(1000, 60_000),
            "",
            BadOutput,
        ),
        (
            "lists nothing very often",
            &list_of_strings(100_000, 0),
            "",
            BadOutput,
        ),
        (
            "lists more than there is",
            &list_of_strings(1 << 28, 0),
            "",
            BadOutput,
        ),
        (
            "asks at a bad pointer",
            "(call $get (i32.const 1024) (i32.const 1) (i32.const 512)) (i32.const 64)",
            r#"(data (i32.const 1024) "a")"#,
            Exactly(Fault::BadPointer(
                "pointer `a` does not start with `/`".to_owned(),
            )),
        ),
        (
            "asks for keys at a bad escape",
            "(call $keys (i32.const 1024) (i32.const 2) (i32.const 512)) (i32.const 64)",
            r#"(data (i32.const 1024) "/~")"#,
            Exactly(Fault::BadPointer(
                "pointer `/~` has a `~` that is followed by neither `0` nor `1`".to_owned(),
            )),
        ),
        (
            "asks with what is not UTF-8",
            "(call $json (i32.const 1024) (i32.const 2) (i32.const 512)) (i32.const 64)",
            r#"(data (i32.const 1024) "/\ff")"#,
            BadOutput,
        ),
        (
            "logs what is not UTF-8",
            "(call $log (i32.const 0) (i32.const 1024) (i32.const 1)) (i32.const 64)",
            r#"(data (i32.const 1024) "\ff")"#,
            BadOutput,
        ),
        (
            "logs at no level",
            "(call $log (i32.const 3) (i32.const 1024) (i32.const 1)) (i32.const 64)",
            "",
            BadOutput,
        ),
        (
            "logs too much at once",
            "(drop (memory.grow (i32.const 64)))
             (call $log (i32.const 0) (i32.const 1024) (i32.const 3000000)) (i32.const 64)",
            "",
            BadOutput,
        ),
    ] {
        let guest = load(&judge(answer, top));
        let first = run(guest.judge(&request("{}")));
        match (&first.result, &expected) {
            (Err(fault), Exactly(expected)) => assert_eq!(fault, expected, "{claim}"),
            (Err(Fault::BadOutput(_)), BadOutput) => {}
            (result, _) => panic!("{claim}: {result:?} instead of {expected:?}"),
        }
        let second = run(guest.judge(&request("{}")));
        assert_eq!(second, first, "{claim}: not the same twice");
        assert!(first.fuel <= limits().fuel, "{claim}");
    }
}

#[test]
fn a_guest_that_looks_at_much_runs_out_of_fuel_before_time() {
    let guest = load(&judge(
        "(loop $again
            (call $get (i32.const 1024) (i32.const 7) (i32.const 512)) (br $again))
         (i32.const 64)",
        r#"(data (i32.const 1024) "/absent")"#,
    ));
    let arguments = format!("[{}0]", "0,".repeat(200_000));
    let start = Instant::now();
    let answer = run(guest.judge(&request(&arguments)));
    assert_eq!(answer.result, Err(Fault::OutOfFuel));
    assert_eq!(answer.fuel, limits().fuel);
    assert!(start.elapsed() < limits().deadline);
}

#[test]
fn a_guest_that_copes_without_memory_is_no_fault() {
    let guest = load(&judge(
        "(loop $again (br_if $again
            (i32.ne (memory.grow (i32.const 16)) (i32.const -1)))) (i32.const 64)",
        "",
    ));
    assert_eq!(
        run(guest.judge(&request("{}"))).result,
        Ok(Verdict::Abstain.into())
    );
}

#[test]
fn output_within_the_limit_arrives_whole() {
    let guest = load(&judge(
        "(drop (memory.grow (i32.const 64)))
         (memory.fill (i32.const 65536) (i32.const 120) (i32.const 200000))
         (i32.store8 (i32.const 64) (i32.const 2))
         (i32.store (i32.const 72) (i32.const 65536))
         (i32.store (i32.const 76) (i32.const 200000))
         (i32.const 64)",
        "",
    ));
    match run(guest.judge(&request("{}"))).result.map(|it| it.verdict) {
        Ok(Verdict::Deny(denial)) => assert_eq!(denial.message, "x".repeat(200_000)),
        other => panic!("{other:?}"),
    }
}

#[test]
fn strings_in_utf_16_work_and_lone_surrogates_do_not() {
    let guest = |data: &str| {
        let parts = Parts {
            world: "policy",
            configure: "(i32.const 0)",
            answer: "(i32.store8 (i32.const 64) (i32.const 2))
                 (i32.store (i32.const 72) (i32.const 1024))
                 (i32.store (i32.const 76) (i32.const 2))
                 (i32.const 64)",
            top: &format!("(data (i32.const 1024) \"{data}\")"),
            encoding: StringEncoding::UTF16,
        };
        run(load(&parts.build()).judge(&request("{}"))).result
    };
    match guest(r"\3d\d8\00\de").map(|it| it.verdict) {
        Ok(Verdict::Deny(denial)) => assert_eq!(denial.message, "😀"),
        other => panic!("{other:?}"),
    }
    for lone in [r"\3d\d8a\00", r"\00\de\3d\d8"] {
        assert!(matches!(guest(lone), Err(Fault::BadOutput(_))), "{lone}");
    }
}

#[test]
fn what_guests_write_into_faults_is_cut() {
    let gives_up = of_world(
        "editor",
        "(memory.fill (i32.const 8192) (i32.const 120) (i32.const 50000))
         (i32.store8 (i32.const 64) (i32.const 1))
         (i32.store (i32.const 68) (i32.const 8192))
         (i32.store (i32.const 72) (i32.const 50000))
         (i32.const 64)",
        "",
    );
    match run(load(&gives_up).revise(&request("{}"))).result {
        Err(Fault::GaveUp(text)) => assert!(text.len() < 1000 && text.starts_with("xxx")),
        other => panic!("{other:?}"),
    }
    let bad_pointer = judge(
        "(memory.fill (i32.const 8192) (i32.const 120) (i32.const 50000))
         (call $get (i32.const 8192) (i32.const 50000) (i32.const 512)) (i32.const 64)",
        "",
    );
    match run(load(&bad_pointer).judge(&request("{}"))).result {
        Err(Fault::BadPointer(text)) => assert!(text.len() < 1000, "{}", text.len()),
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_log_is_bounded_in_lines_and_length() {
    let guest = load(&judge(
        "(local $line i32)
         (memory.fill (i32.const 8192) (i32.const 120) (i32.const 5000))
         (loop $again
            (call $log (i32.const 1) (i32.const 8192) (i32.const 5000))
            (local.set $line (i32.add (local.get $line) (i32.const 1)))
            (br_if $again (i32.lt_u (local.get $line) (i32.const 100))))
         (i32.const 64)",
        "",
    ));
    let answer = run(guest.judge(&request("{}")));
    assert_eq!(answer.result, Ok(Verdict::Abstain.into()));
    assert_eq!(answer.log.len(), LOG_LINES_MAX);
    assert_eq!(answer.log_dropped as usize, 100 - LOG_LINES_MAX);
    let longest = LOG_LINE_BYTES_MAX + "…".len();
    assert!(answer.log.iter().all(|line| line.text.len() == longest));
}

#[test]
fn a_guest_asked_for_what_it_is_not_is_a_fault() {
    let guest = load(&judge("(i32.const 64)", ""));
    let answer = run(guest.revise(&request("{}")));
    assert!(
        matches!(answer.result, Err(Fault::BadOutput(_))),
        "{answer:?}"
    );
}

#[test]
fn a_looping_guest_dies_at_its_deadline_and_its_neighbour_goes_on() {
    let looping = Limits {
        fuel: u64::MAX / 2,
        deadline: Duration::from_millis(500),
        ..Limits::default()
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .build()
        .unwrap();
    runtime.block_on(async {
        let bad = SANDBOX.load(&judge(LOOP, ""), "{}", looping).await.unwrap();
        let good = SANDBOX
            .load(&judge("(i32.const 64)", ""), "{}", limits())
            .await
            .unwrap();
        let started = Instant::now();
        let bad = tokio::spawn(async move { bad.judge(&request("{}")).await });
        let good = tokio::spawn(async move {
            for _ in 0..20 {
                let answer = good.judge(&request("{}")).await;
                assert_eq!(answer.result, Ok(Verdict::Abstain.into()));
                tokio::task::yield_now().await;
            }
            started.elapsed()
        });
        let good_after = good.await.unwrap();
        assert!(!bad.is_finished(), "the good guest took {good_after:?}");
        assert_eq!(bad.await.unwrap().result, Err(Fault::TimedOut));
        assert!(started.elapsed() >= looping.deadline);
    });
}

#[test]
fn an_honest_guest_that_works_long_is_served_before_those_that_loop() {
    let long = "(local $round i32)
        (loop $again
            (local.set $round (i32.add (local.get $round) (i32.const 1)))
            (br_if $again (i32.lt_u (local.get $round) (i32.const 1000000))))
        (i32.const 64)";
    let looping = Limits {
        fuel: u64::MAX / 2,
        // Ten of them run one after the other.
        deadline: Duration::from_millis(300),
        ..Limits::default()
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .build()
        .unwrap();
    runtime.block_on(async {
        let bad = SANDBOX.load(&judge(LOOP, ""), "{}", looping).await.unwrap();
        let good = SANDBOX
            .load(&judge(long, ""), "{}", limits())
            .await
            .unwrap();
        let bad: Vec<_> = std::iter::repeat_n(bad, 10)
            .map(|bad| tokio::spawn(async move { bad.judge(&request("{}")).await.result }))
            .collect();
        let good = tokio::spawn(async move { good.judge(&request("{}")).await.result });
        assert_eq!(good.await.unwrap(), Ok(Verdict::Abstain.into()));
        assert!(bad.iter().all(|bad| !bad.is_finished()));
        for bad in bad {
            assert_eq!(bad.await.unwrap(), Err(Fault::TimedOut));
        }
    });
}

#[test]
fn a_call_without_a_free_instance_is_a_fault_and_abandoned_calls_free_theirs() {
    let config = SandboxConfig {
        instances_max: 1,
        ..SandboxConfig::default()
    };
    let looping = Limits {
        fuel: u64::MAX / 2,
        ..limits()
    };
    run(async {
        let sandbox = Sandbox::new(&config).unwrap();
        let bad = sandbox.load(&judge(LOOP, ""), "{}", looping).await.unwrap();
        let good = sandbox
            .load(&judge("(i32.const 64)", ""), "{}", limits())
            .await
            .unwrap();
        drop(sandbox);
        let asked = request("{}");
        {
            let mut abandoned = Box::pin(bad.judge(&asked));
            let turn =
                std::future::poll_fn(|context| Poll::Ready(abandoned.as_mut().poll(context)));
            assert!(turn.await.is_pending(), "the loop must have yielded");
            assert_eq!(good.judge(&asked).await.result, Err(Fault::NoInstance));
        }
        // Whoever runs the loop notices at the end of its turn.
        let patience = Instant::now() + Duration::from_secs(60);
        while good.judge(&asked).await.result == Err(Fault::NoInstance) {
            assert!(Instant::now() < patience, "the instance is never freed");
            std::thread::yield_now();
        }
        assert_eq!(good.judge(&asked).await.result, Ok(Verdict::Abstain.into()));
    });
}

#[test]
fn one_agents_slow_policies_leave_instances_for_those_of_others() {
    let config = SandboxConfig {
        instances_max: 8,
        ..SandboxConfig::default()
    };
    let looping = Limits {
        fuel: u64::MAX / 2,
        deadline: Duration::from_secs(3600),
        ..limits()
    };
    run(async {
        let sandbox = Sandbox::new(&config).unwrap();
        let slow = sandbox.load(&judge(LOOP, ""), "{}", looping).await.unwrap();
        let greedy = request("{}");
        let mut other = Request::clone(&greedy);
        other.subject = Arc::new(Subject {
            id: "did:key:other".to_owned(),
            delegation: Vec::new(),
            delegated_by: Vec::new(),
            ..Subject::clone(&greedy.subject)
        });
        let other = Arc::new(other);
        let mut under_way = Vec::new();
        // Four places, two for each of them.
        for (asked, has_room) in [
            (&greedy, true),
            (&greedy, true),
            (&greedy, false),
            (&other, true),
            (&other, true),
            (&other, false),
        ] {
            let mut call = Box::pin(slow.judge(asked));
            let turn = std::future::poll_fn(|context| Poll::Ready(call.as_mut().poll(context)));
            match turn.await {
                Poll::Pending => {
                    assert!(has_room);
                    under_way.push(call);
                }
                Poll::Ready(answer) => {
                    assert!(!has_room, "{answer:?}");
                    assert_eq!(answer.result, Err(Fault::NoInstance));
                }
            }
        }
        assert_eq!((sandbox.instances(), sandbox.instances_slow()), (4, 4));
    });
}

#[test]
fn memory_needed_from_the_start_counts_too() {
    let component = judge("(i32.const 64)", "(memory $second 100)");
    let small = Limits {
        memory_bytes: 100 << 16,
        ..limits()
    };
    let enough = Limits {
        memory_bytes: 101 << 16,
        ..limits()
    };
    let refused = run(SANDBOX.load(&component, "{}", small)).unwrap_err();
    assert_eq!(refused, LoadError::Start(Fault::OutOfMemory));
    let guest = run(SANDBOX.load(&component, "{}", enough)).unwrap();
    assert_eq!(
        run(guest.judge(&request("{}"))).result,
        Ok(Verdict::Abstain.into())
    );
}
