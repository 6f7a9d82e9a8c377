//! What a guest reads of budgets: what it was told, and nothing that was made up.

use std::sync::Arc;

use gatewright_policy::{
    BUDGET_KEY_BYTES_MAX, BUDGETS_READ_MAX, BudgetRead, Fault, Request, Verdict,
};
use gatewright_sandbox::Unread;

use crate::guests::request;
use crate::spenders::{curious, spender, wordy};
use crate::{load, run};

fn read(key: &str, spent: u64) -> BudgetRead {
    BudgetRead {
        budget: "calls".to_owned(),
        key: key.to_owned(),
        limit: 2,
        window_seconds: 60,
        spent,
    }
}

fn told(budgets: Vec<BudgetRead>) -> Arc<Request> {
    let mut request = Request::clone(&request("{}"));
    request.context.budgets = budgets;
    Arc::new(request)
}

#[test]
fn a_guest_that_was_not_told_asks_and_answers_nothing() {
    let guest = load(&spender());
    let answer = run(guest.judge(&told(vec![read("other", 0)])));
    let unread = Unread {
        budget: "calls".to_owned(),
        key: "k".to_owned(),
    };
    assert_eq!(answer.unread, Some(unread));
    assert!(matches!(answer.result, Err(Fault::GaveUp(_))), "{answer:?}");
}

#[test]
fn what_a_guest_is_told_is_what_it_reads() {
    let guest = load(&spender());
    for spent in 0..4 {
        let request = told(vec![read("other", 9), read("k", spent)]);
        let answer = run(guest.judge(&request));
        assert_eq!(answer.unread, None);
        let opinion = answer.result.clone().unwrap();
        match spent < 2 {
            true => assert_eq!(opinion.verdict, Verdict::Allow),
            false => assert!(matches!(opinion.verdict, Verdict::Deny(_)), "{opinion:?}"),
        }
        assert_eq!(opinion.obligations.len(), usize::from(spent < 2));
        assert_eq!(
            run(guest.judge(&request)),
            answer,
            "the same, fuel included"
        );
    }
}

#[test]
fn a_call_reads_no_more_budgets_than_it_may() {
    let names = |count: usize| (b'a'..).take(count).map(|it| char::from(it).to_string());
    let known = |count| names(count).map(|key| read(&key, 0)).collect();
    let answer = run(load(&curious(BUDGETS_READ_MAX)).judge(&told(known(BUDGETS_READ_MAX))));
    assert!(answer.result.is_ok(), "{answer:?}");
    let answer = run(load(&curious(BUDGETS_READ_MAX + 1)).judge(&told(known(BUDGETS_READ_MAX))));
    assert!(
        matches!(answer.result, Err(Fault::BadOutput(_))),
        "{answer:?}"
    );
    assert_eq!(answer.unread, None, "nobody looks that up");
}

#[test]
fn a_long_key_is_a_fault_and_not_looked_up() {
    let asked = |bytes| run(load(&wordy(bytes)).judge(&told(Vec::new())));
    assert!(asked(BUDGET_KEY_BYTES_MAX).unread.is_some());
    let answer = asked(BUDGET_KEY_BYTES_MAX + 1);
    assert_eq!(answer.unread, None);
    assert!(
        matches!(answer.result, Err(Fault::BadOutput(_))),
        "{answer:?}"
    );
}
