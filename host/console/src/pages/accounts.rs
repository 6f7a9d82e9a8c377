//! Who has an account.

use gatewright_policy::Timestamp;
use maud::{Markup, html};

use super::Frame;
use super::frame::head;
use super::text::line;
use super::time::time;
use crate::accounts::{Account, Right};

pub(crate) fn accounts(frame: &Frame<'_>, accounts: &[Account]) -> Markup {
    let operates = frame
        .visitor()
        .is_some_and(|visitor| visitor.account.may(Right::Operate));
    let about = html! { "Everybody here may look. What else they may do stands beside them." };
    frame.page(&html! {
        (head("Accounts", &about))
        section.card.flush aria-label="Accounts" {
            table {
                thead {
                    tr {
                        th scope="col" { "Name" }
                        th scope="col" { "May" }
                        th scope="col" { "Roles" }
                        th scope="col" { "Passkeys" }
                        @if operates { th scope="col" { span.unseen { "Remove" } } }
                    }
                }
                tbody { @for account in accounts { (row(frame, account, operates)) } }
            }
        }
        @if operates { (invite(frame)) } @else {
            p.notice { "Whoever may operate the console invites others and takes accounts away." }
        }
    })
}

fn row(frame: &Frame<'_>, account: &Account, operates: bool) -> Markup {
    html! {
        tr {
            td { strong { (line(&account.name)) } p.small.soft {
                    "made " (time(account.created_at, frame.now))
                    @if let Some(subject) = &account.subject { ", signs in at " (line(&subject.issuer)) }
                }
            }
            td {
                "look" @for right in &account.rights { ", " (right.as_str()) }
            }
            td data-name="roles" {
                @if account.roles.is_empty() { span.soft { "none" } }
                @for role in &account.roles { code { (line(role)) } " " }
            }
            td.number data-name="passkeys" { (account.passkeys.len()) }
            @if operates {
                td {
                    details {
                        summary { "Remove" span.unseen { " " (account.name) } }
                        form method="post" action="/accounts/remove" {
                            (frame.form_token())
                            input type="hidden" name="name" value=(account.name);
                            button.button.slim.no type="submit" { "Remove " (account.name) " for good" }
                        }
                    }
                }
            }
        }
    }
}

fn invite(frame: &Frame<'_>) -> Markup {
    html! {
        section.card aria-labelledby="invite" {
            h2 #invite { "Invite somebody" }
            form.cards method="post" action="/accounts/invite" autocomplete="off" {
                (frame.form_token())
                div.field {
                    label for="name" { "Name" }
                    input #name name="name" required maxlength="64" autocapitalize="none" spellcheck="false"
                        placeholder="user:kim" aria-describedby="name-is";
                    p #name-is.small.soft { "As credentials name them when an agent acts for them." }
                }
                div.field {
                    label.check { input type="checkbox" name="approve" value="yes"; "May approve and reject calls" }
                    label.check { input type="checkbox" name="operate" value="yes"; "May invite and remove people, stop agents, and go back to earlier packs" }
                }
                div.field {
                    label for="roles" { "Roles that policies ask for" }
                    input #roles name="roles" maxlength="1024" placeholder="finance, owner" autocapitalize="none"
                        spellcheck="false";
                }
                div.buttons { button.button.first type="submit" { "Make a code" } }
            }
        }
    }
}

/// The code, once.
pub(crate) fn invited(frame: &Frame<'_>, name: &str, code: &str, ends: Timestamp) -> Markup {
    let about = html! { "Give it to " (line(name)) ", and to nobody else. It is shown this once." };
    frame.page(&html! {
        (head("A code for a new account", &about))
        section.card {
            p.code { (code) }
            p.soft { "Good once, until it ends " (time(ends, frame.now)) ", at " code { "/enrol" } "." }
        }
        p { a href="/accounts" { "Accounts" } }
    })
}
