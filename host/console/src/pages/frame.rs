//! The frame of every page.

use gatewright_policy::Timestamp;
use maud::{DOCTYPE, Markup, html};

use super::text::line;
use crate::desk::{Desk, Visitor};

/// The pages that one goes to.
const PLACES: [(&str, &str); 6] = [
    ("/approvals", "Approvals"),
    ("/decisions", "Decisions"),
    ("/policies", "Policies"),
    ("/agents", "Agents"),
    ("/health", "Health"),
    ("/accounts", "Accounts"),
];

/// What a page says besides its content.
pub(crate) struct Frame<'a> {
    desk: &'a Desk,
    visitor: Option<&'a Visitor>,
    title: &'a str,
    place: &'a str,
    pub(crate) now: Timestamp,
}

impl<'a> Frame<'a> {
    pub(crate) fn new(
        desk: &'a Desk,
        visitor: Option<&'a Visitor>,
        title: &'a str,
        place: &'a str,
    ) -> Self {
        Self {
            desk,
            visitor,
            title,
            place,
            now: desk.now(),
        }
    }

    /// Who looks.
    pub(super) fn visitor(&self) -> Option<&Visitor> {
        self.visitor
    }

    /// The hidden field that every form must bring.
    pub(super) fn form_token(&self) -> Markup {
        let token = self.visitor.map(|visitor| visitor.token.form_token());
        html! { input type="hidden" name="form-token" value=(token.unwrap_or_default()); }
    }

    /// The whole page.
    pub(super) fn page(&self, content: &Markup) -> Markup {
        self.page_with(&html! {}, content)
    }

    /// The same with something more in its head.
    pub(super) fn page_with(&self, head: &Markup, content: &Markup) -> Markup {
        let assets = &self.desk.assets;
        let token = self.visitor.map(|visitor| visitor.token.form_token());
        html! {
            (DOCTYPE)
            html lang="en" {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="color-scheme" content="light dark";
                    meta name="now" content=(self.now.0);
                    @if let Some(token) = token {
                        meta name="form-token" content=(token);
                    }
                    title { (self.title) " · Gatewright" }
                    link rel="icon" type="image/svg+xml" href=(assets.icon.path);
                    link rel="stylesheet" href=(assets.style.path);
                    script defer src=(assets.script.path) {}
                    (head)
                }
                body {
                    a.skip href="#content" { "Skip to content" }
                    (self.top())
                    main #content tabindex="-1" { (content) }
                }
            }
        }
    }

    fn top(&self) -> Markup {
        html! {
            header.top {
                div {
                    a.brand href="/" { (mark()) "Gatewright" }
                    @if let Some(visitor) = self.visitor {
                        nav aria-label="Pages" {
                            ul {
                                @for (path, name) in PLACES {
                                    li {
                                        a href=(path) aria-current=[(path == self.place).then_some("page")] {
                                            (name)
                                        }
                                    }
                                }
                            }
                        }
                        form.who method="post" action="/sign-out" {
                            (self.form_token())
                            span { span.unseen { "Signed in as " } (line(&visitor.account.name)) }
                            button.button.slim type="submit" { "Sign out" }
                        }
                    }
                }
            }
        }
    }
}

/// A gate.
fn mark() -> Markup {
    html! {
        svg viewBox="0 0 20 20" fill="none" stroke="currentColor" stroke-width="2"
            stroke-linecap="round" aria-hidden="true" {
            path d="M3 17V8a7 7 0 0 1 14 0v9" {}
            path d="M7.5 17V10M12.5 17V10M3 13h14" {}
        }
    }
}

/// The head of a page: what it is, and one sentence about it.
pub(super) fn head(title: &str, about: &Markup) -> Markup {
    html! {
        div.head {
            h1 { (title) }
            p.soft { (about) }
        }
    }
}

/// A page that has nothing to show says what to do next.
pub(super) fn empty(title: &str, next: &Markup) -> Markup {
    html! {
        section.card.empty data-empty {
            h2 { (title) }
            p { (next) }
        }
    }
}
