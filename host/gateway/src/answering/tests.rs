//! Signs of life, and agents that come back, with the clock stepped.

use std::collections::HashMap;
use std::time::Duration;

use gatewright_policy::Grant;
use tokio::sync::{mpsc, oneshot};

use super::*;

const SHORT: Silence = Silence {
    open_after: Duration::from_millis(2),
    keep_alive: Duration::from_millis(2),
};

/// A credential of the one agent.
fn grant(scopes: &[&str]) -> Grant {
    let scopes = scopes.iter().map(|scope| Scope::parse(scope).unwrap());
    Grant::local("did:example:agent", None, scopes.collect(), "t".into())
}

fn begin(kept: &KeptStreams, session: &str) -> Keeping {
    kept.begin(place(session), grant(&["files:*"]).scopes)
}

fn resume(kept: &KeptStreams, session: &str, id: &str) -> Option<kept::Resumption> {
    kept.resume(&place(session), id, &grant(&["files:*"]))
}

fn place(session: &str) -> Place {
    Place {
        owner: Owner::of(&grant(&[])),
        server: Arc::from("files"),
        session: Some(Arc::from(session)),
    }
}

fn asked(answer: oneshot::Receiver<Answer>) -> State {
    State::Asked(Box::pin(async move { answer.await.unwrap() }))
}

fn under_way(state: State, keeping: Option<Keeping>) -> UnderWay {
    UnderWay {
        rest: Rest {
            state,
            keeping,
            held: None,
        },
        marks: Marks::default(),
        outlives: true,
        alone: TaskTracker::new(),
        is_kept_elsewhere: false,
        first: None,
        silence: SHORT,
    }
}

fn json(text: &'static str) -> Answer {
    Answer {
        status: StatusCode::OK,
        headers: HeaderMap::new(),
        body: AnswerBody::Json(Bytes::from_static(text.as_bytes())),
    }
}

fn live(events: mpsc::Receiver<Event>) -> State {
    let events = stream::unfold(events, async |mut events| {
        let event = events.recv().await?;
        Some((Ok(event), events))
    });
    State::Events(Box::pin(events))
}

async fn next(events: &mut Events) -> Option<Event> {
    events.next().await.map(Result::unwrap)
}

#[tokio::test]
async fn silence_is_broken_until_the_answer_comes() {
    let (say, answer) = oneshot::channel();
    let begin = tokio::time::Instant::now();
    let mut events = under_way(asked(answer), None).events();
    for beat in 1..=3 {
        assert_eq!(next(&mut events).await, Some(Event::default()));
        assert!(begin.elapsed() >= SHORT.keep_alive * beat);
    }
    assert!(say.send(json("{}")).is_ok());
    assert_eq!(next(&mut events).await, Some(Event::message("{}")));
    assert_eq!(next(&mut events).await, None);
}

#[tokio::test]
async fn an_answer_becomes_a_stream_only_once_it_is_bound_to_be_a_200() {
    let marks = Marks::default();
    let mut opening = Box::pin(opens(&marks, SHORT));
    let early = tokio::time::timeout(SHORT.open_after * 10, &mut opening).await;
    assert!(early.is_err());
    marks.goes_ahead();
    opening.await;
}

#[tokio::test]
async fn a_call_goes_on_without_its_agent_and_the_agent_comes_back_for_the_rest() {
    let kept = KeptStreams::default();
    let keeping = begin(&kept, "s");
    let (say, events) = mpsc::channel(8);
    let under_way = under_way(live(events), Some(keeping));
    under_way.marks.goes_ahead();
    let mut events = under_way.events();
    say.send(Event::message("1")).await.unwrap();
    let first = next(&mut events).await.unwrap();
    let id = first.id.unwrap();
    drop(events);
    say.send(Event::message("2")).await.unwrap();
    assert!(resume(&kept, "other", &id).is_none());
    let mut back = resume(&kept, "s", &id).unwrap();
    assert_eq!(back.next().await.unwrap().payload().unwrap().as_ref(), "2");
    say.send(Event::message("3")).await.unwrap();
    drop(say);
    assert_eq!(back.next().await.unwrap().payload().unwrap().as_ref(), "3");
    assert_eq!(back.next().await, None);
    assert!(resume(&kept, "s", &id).is_none(), "it is read");
}

#[tokio::test]
async fn a_narrower_credential_does_not_come_back_for_what_a_wider_one_asked() {
    let kept = KeptStreams::default();
    let keeping = begin(&kept, "s");
    let id = keeping.first().id.unwrap();
    keeping.keep(Event::message("1"), Way::Seen);
    for (scopes, comes_back) in [
        (&["files:read"][..], false),
        (&["files:read", "files:write"][..], false),
        (&[][..], false),
        (&["files:*"][..], true),
        (&["*:*"][..], true),
    ] {
        let back = kept.resume(&place("s"), &id, &grant(scopes));
        assert_eq!(back.is_some(), comes_back, "{scopes:?}");
    }
    assert!(kept.gave(&id) && !kept.gave("7"));
}

#[tokio::test]
async fn a_call_that_did_not_go_ahead_ends_with_its_agent() {
    let (say, events) = mpsc::channel(8);
    drop(under_way(live(events), None).events());
    tokio::task::yield_now().await;
    assert!(say.is_closed());
}

#[tokio::test]
async fn what_a_tool_server_keeps_is_not_kept_twice() {
    let kept = KeptStreams::default();
    let (say, events) = mpsc::channel(8);
    let under_way = under_way(live(events), Some(begin(&kept, "s")));
    under_way.marks.goes_ahead();
    let mut events = under_way.events();
    let own = Event {
        id: Some("7".into()),
        ..Event::message("1")
    };
    say.send(own.clone()).await.unwrap();
    assert_eq!(next(&mut events).await, Some(own));
    assert_eq!(kept.sizes(), HashMap::new());
    drop(events);
    tokio::task::yield_now().await;
    assert!(say.is_closed());
}

#[tokio::test]
async fn what_is_kept_is_bounded_and_forgotten() {
    let kept = KeptStreams::default();
    let begun: Vec<_> = (0..40).map(|_| begin(&kept, "s")).collect();
    assert_eq!(kept.sizes().values().map(Vec::len).sum::<usize>(), 16);
    let last = begun.last().unwrap();
    let long: Arc<str> = "x".repeat(100_000).into();
    for _ in 0..500 {
        last.keep(Event::message(Arc::clone(&long)), Way::Seen);
    }
    let bytes = 16 * kept::STREAM_BYTES + 10 * (100_000 + kept::EVENT_BYTES);
    assert_eq!(kept.bytes(), bytes);
    let id = last.first().id.unwrap();
    assert!(resume(&kept, "s", &id).is_none(), "there is a gap");
    drop(begun);
    let now = tokio::time::Instant::now();
    kept.expire(now + Duration::from_secs(290));
    assert_ne!(kept.bytes(), 0);
    kept.expire(now + Duration::from_secs(301));
    assert_eq!((kept.bytes(), kept.sizes()), (0, HashMap::new()));
}

#[tokio::test]
async fn one_agent_leaves_room_for_what_others_come_back_for() {
    let kept = KeptStreams::default();
    let long: Arc<str> = "x".repeat(1 << 20).into();
    let begun: Vec<_> = (0..80)
        .map(|session| begin(&kept, &session.to_string()))
        .collect();
    for keeping in &begun {
        keeping.keep(Event::message(Arc::clone(&long)), Way::Unseen);
    }
    let all = kept.bytes();
    assert!(all <= 16 << 20, "{all}");
    let other = Grant::local("did:example:other", None, Vec::new(), "t".into());
    let place = Place {
        owner: Owner::of(&other),
        ..place("s")
    };
    let keeping = kept.begin(place.clone(), Arc::clone(&other.scopes));
    let id = keeping.first().id.unwrap();
    keeping.keep(Event::message(Arc::clone(&long)), Way::Unseen);
    let mut back = kept.resume(&place, &id, &other).unwrap();
    assert_eq!(back.next().await.unwrap().payload(), Some(&long));
    keeping.read();
    assert_eq!(kept.bytes(), all);
    begun.into_iter().for_each(Keeping::read);
    assert_eq!(kept.bytes(), 0);
}

/// Small messages take up more than their text.
#[tokio::test]
async fn streams_without_a_message_are_bounded_too() {
    let kept = KeptStreams::default();
    let sessions = (16 << 20) / kept::STREAM_BYTES + 100;
    let begun: Vec<_> = (0..sessions)
        .map(|session| begin(&kept, &session.to_string()))
        .collect();
    assert_eq!(kept.sizes().len(), sessions - 100);
    drop(begun);
    let now = tokio::time::Instant::now();
    kept.expire(now + Duration::from_secs(301));
    assert_eq!((kept.bytes(), kept.sizes()), (0, HashMap::new()));
}

#[tokio::test]
async fn who_reads_too_slowly_gets_no_stream_with_a_gap() {
    let kept = KeptStreams::default();
    let keeping = begin(&kept, "s");
    let id = keeping.first().id.unwrap();
    let mut back = resume(&kept, "s", &id).unwrap();
    keeping.keep(Event::message("1"), Way::Unseen);
    assert_eq!(back.next().await.unwrap().payload().unwrap().as_ref(), "1");
    for number in 0..200 {
        keeping.keep(Event::message(number.to_string()), Way::Unseen);
    }
    assert_eq!(back.next().await, None);
}
