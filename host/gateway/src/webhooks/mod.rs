//! Tells people, elsewhere, that a call waits for them and what became of it. No call waits
//! for any of it, and a message never decides anything: it leads to the console.
//!
//! Read it in this order: `story`, `message`, `outbox`, `post`, and [`tell`] here.

mod message;
mod outbox;
mod post;
mod signature;
mod story;

use std::sync::Arc;
use std::time::Duration;

use gatewright_engine::approvals::{News, PAGE_MAX};
use gatewright_engine::config::WebhookEvent;
use gatewright_engine::held::HeldError;
use gatewright_engine::{Engine, dead_letters};
use gatewright_policy::Timestamp;
use gatewright_policy::approval::Stand;
use serde_json::json;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::sleep;

use self::message::{Happened, body};
use self::outbox::{Letter, Outbox};
use self::post::Post;
use self::story::{Stories, Story};

/// News that nobody heard yet; more are lost, and said so.
const UNHEARD_MAX: usize = 1024;

/// How often it is looked what is due.
const LOOK_EVERY: Duration = Duration::from_millis(250);

/// Whoever tells.
struct Teller {
    engine: Arc<Engine>,
    stories: Stories,
    outbox: Outbox,
    post: Arc<Post>,
    under_way: JoinSet<(Letter, Result<(), String>)>,
}

/// Tells what becomes of held calls for as long as it is polled. Never completes.
pub(crate) async fn tell(engine: &Arc<Engine>) {
    let Some(news) = engine.approval_news(UNHEARD_MAX) else {
        // Somebody else tells.
        return std::future::pending().await;
    };
    let teller = Teller {
        engine: Arc::clone(engine),
        stories: Stories::default(),
        outbox: Outbox::default(),
        post: Arc::new(Post::default()),
        under_way: JoinSet::new(),
    };
    teller.run(news).await;
}

impl Teller {
    async fn run(mut self, mut news: mpsc::Receiver<News>) {
        if let Err(error) = self.remember().await {
            tracing::error!(%error, "of calls that are held already nobody is told that they expire");
        }
        loop {
            tokio::select! {
                Some(heard) = news.recv() => self.hear(heard).await,
                Some(done) = self.under_way.join_next(), if !self.under_way.is_empty() => {
                    if let Ok((letter, sent)) = done {
                        self.sent(letter, sent).await;
                    }
                }
                () = sleep(LOOK_EVERY) => {}
            }
            let now = self.engine.now();
            for story in self.stories.over(now) {
                self.happened(&story, &Happened::Expired, now).await;
            }
            self.send(now).await;
        }
    }

    /// Calls that wait since before the start: people were told of them then.
    async fn remember(&mut self) -> Result<(), HeldError> {
        if self.engine.snapshot().webhooks.is_empty() {
            return Ok(());
        }
        let mut after = Some(String::new());
        while let Some(id) = after {
            let page = self.engine.approvals_told(&id, PAGE_MAX).await?;
            for shown in page.approvals {
                if shown.stand == Stand::Requested {
                    self.stories.begin(Story::of(&shown));
                }
            }
            after = page.next;
        }
        Ok(())
    }

    async fn hear(&mut self, news: News) {
        if self.engine.snapshot().webhooks.is_empty() {
            return;
        }
        let now = self.engine.now();
        match news {
            News::Proposed { held } => match self.engine.approval_told(&held).await {
                Ok(Some(shown)) => {
                    let story = Story::of(&shown);
                    self.stories.begin(story.clone());
                    self.happened(&story, &Happened::Proposed, now).await;
                }
                // It is over already.
                Ok(None) => {}
                Err(error) => tracing::error!(%error, held, "nobody is told of a held call"),
            },
            News::Decided { held, vote } => {
                let shown = self.engine.approval_told(&held).await;
                if let Err(error) = &shown {
                    tracing::warn!(%error, held, "where a held call stands is not told");
                }
                let stand = shown.as_ref().ok().and_then(Option::as_ref);
                let stand = stand.map(|shown| shown.stand);
                let known = self.stories.get(&held);
                let told = shown.ok().flatten().map(|shown| Story::of(&shown));
                let Some(story) = known.or(told) else {
                    return;
                };
                if stand != Some(Stand::Requested) {
                    self.stories.end(&held);
                }
                self.happened(&story, &Happened::decided(&vote, stand), now)
                    .await;
            }
            News::Ended { held } => self.stories.end(&held),
        }
    }

    /// Writes to everybody who wants to know.
    async fn happened(&mut self, story: &Story, happened: &Happened, now: Timestamp) {
        let snapshot = self.engine.snapshot();
        let console = snapshot.gate.console_url.as_deref();
        let link = console.map(|url| {
            let url = url.trim_end_matches('/');
            format!("{url}/approvals/{}", story.id)
        });
        for webhook in &snapshot.webhooks {
            if !webhook.events.contains(&happened.event()) {
                continue;
            }
            let letter = Letter {
                id: happened.letter_id(&story.id),
                body: body(webhook.shape, story, happened, link.as_deref(), now),
                webhook: Arc::new(webhook.clone()),
                attempts: 0,
            };
            if let Err(letter) = self.outbox.put(letter, now) {
                self.bury(letter, "too many messages wait").await;
            }
        }
    }

    /// Sends what is due to the webhooks that are configured now: who was taken out of the
    /// configuration hears nothing any more.
    async fn send(&mut self, now: Timestamp) {
        let snapshot = self.engine.snapshot();
        for (mut letter, room) in self.outbox.due(now) {
            let mut webhooks = snapshot.webhooks.iter();
            let (name, shape) = (&letter.webhook.name, letter.webhook.shape);
            let Some(webhook) = webhooks.find(|it| it.name == *name && it.shape == shape) else {
                self.bury(letter, "its webhook is not configured any more")
                    .await;
                continue;
            };
            letter.webhook = Arc::new(webhook.clone());
            let post = Arc::clone(&self.post);
            self.under_way.spawn(async move {
                let sent = post.send(&letter, now).await;
                drop(room);
                (letter, sent)
            });
        }
    }

    async fn sent(&mut self, letter: Letter, sent: Result<(), String>) {
        let Err(problem) = sent else {
            return;
        };
        let name = &letter.webhook.name;
        tracing::warn!(webhook = name, problem, "a message was not delivered");
        if let Err(letter) = self.outbox.failed(letter, self.engine.now()) {
            self.bury(letter, &problem).await;
        }
    }

    /// Keeps what nobody took.
    async fn bury(&self, letter: Letter, problem: &str) {
        let line = json!({
            "at": self.engine.now().to_string(),
            "webhook": letter.webhook.name,
            "id": letter.id,
            "attempts": letter.attempts,
            "problem": problem,
            "body": letter.body,
        })
        .to_string();
        let path = letter.webhook.dead_letters.clone();
        let kept = tokio::task::spawn_blocking(move || dead_letters::keep(&path, &line)).await;
        match kept {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::error!(%error, "a dead letter is not kept"),
            Err(error) => tracing::error!(%error, "a dead letter is not kept"),
        }
    }
}

impl Happened {
    fn event(&self) -> WebhookEvent {
        match self {
            Self::Proposed => WebhookEvent::Proposed,
            Self::Decided { .. } => WebhookEvent::Decided,
            Self::Expired => WebhookEvent::Expired,
        }
    }
}
