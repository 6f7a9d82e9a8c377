//! Every target on its seeds, and on a bounded number of their mutations.
#![allow(clippy::panic, clippy::unwrap_used, reason = "test code")]

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{SystemTime, UNIX_EPOCH};

use gatewright_fuzz::mutate::Numbers;
use gatewright_fuzz::{TARGETS, Target, seeds};

/// `GATEWRIGHT_FUZZ_SEED` makes a run again.
fn first_number() -> u64 {
    match std::env::var("GATEWRIGHT_FUZZ_SEED") {
        Ok(text) => text.parse().unwrap(),
        Err(_) => {
            let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
            u64::try_from(now.as_nanos()).unwrap_or_default()
        }
    }
}

fn hold(target: &Target, bytes: &[u8], origin: &str) -> bool {
    catch_unwind(AssertUnwindSafe(|| (target.run)(bytes))).unwrap_or_else(|_| {
        let text = bytes.escape_ascii();
        panic!("`{}` does not hold; {origin}\n{text}", target.name)
    })
}

#[test]
fn every_target_takes_a_seed_and_holds_on_all() {
    for target in &TARGETS {
        let seeds = seeds::of(target.name);
        let taken = seeds.iter().filter(|seed| hold(target, seed, "a seed"));
        assert!(
            taken.count() > 0,
            "`{}` takes none of its seeds",
            target.name
        );
    }
}

#[test]
fn every_target_holds_on_mutations_of_its_seeds() {
    let first = first_number();
    println!("GATEWRIGHT_FUZZ_SEED={first}");
    for target in &TARGETS {
        let seeds = seeds::of(target.name);
        let mut numbers = Numbers::new(first);
        let mut taken = 0;
        for turn in 0..target.mutations {
            let bytes = numbers.input(&seeds);
            let origin = format!("GATEWRIGHT_FUZZ_SEED={first}, turn {turn}");
            taken += u32::from(hold(target, &bytes, &origin));
        }
        println!("{}: {taken} of {} taken", target.name, target.mutations);
    }
}
