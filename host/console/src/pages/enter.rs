//! Signing in, and making an account.

use maud::{Markup, html};

use super::Frame;
use super::text::line;

/// With a passkey, or at the identity provider with this host.
pub(crate) fn sign_in(frame: &Frame<'_>, provider: Option<&str>) -> Markup {
    frame.page(&html! {
        section.card.narrow {
            h1 { "Sign in" }
            @if let Some(host) = provider {
                p.soft { "Where your team signs in. What you decide here, you sign with a passkey of your own." }
                form method="post" action="/sign-in/oidc" {
                    div.buttons { button.button.first type="submit" { span { "Sign in with " (line(host)) } } }
                }
                h2 { "An account made here" }
            }
            p.soft { "With the passkey of your account, on this device or on your phone." }
            form data-passkey="sign-in" method="post" action="/sign-in" {
                div.buttons {
                    button.button.first[provider.is_none()] type="submit" disabled { "Use a passkey" }
                }
                p.said role="status" {}
            }
            noscript { p.notice { "Passkeys need JavaScript. Everything else here works without." } }
            p.small.soft {
                "Somebody gave you a code? " a href="/enrol" { "Make your account" } "."
            }
        }
    })
}

pub(crate) fn enrol(frame: &Frame<'_>, is_first: bool) -> Markup {
    frame.page(&html! {
        section.card.narrow {
            h1 { @if is_first { "Make the first account" } @else { "Make your account" } }
            p.soft {
                @if is_first {
                    "The gate printed a code when it started. It is good for half an hour; \
                     start the gate again for another one."
                } @else {
                    "With the code that you were given. It is good once, for half an hour."
                }
            }
            form data-passkey="enrol" method="post" action="/enrol" autocomplete="off" {
                div.cards {
                    div.field {
                        label for="code" { "Code" }
                        input #code.mono name="code" required maxlength="64" autocapitalize="characters"
                            spellcheck="false" placeholder="XXXX-XXXX-XXXX-XXXX";
                    }
                    @if is_first {
                        div.field {
                            label for="name" { "Your name" }
                            input #name name="name" required maxlength="64" spellcheck="false"
                                autocapitalize="none" aria-describedby="name-is";
                            p #name-is.small.soft {
                                "As credentials name you when an agent acts for you, such as user:kim: \
                                 nobody decides on a call of their own. It stands under \
                                 everything that you decide, for ever."
                            }
                        }
                    }
                    div.buttons { button.button.first type="submit" disabled { "Make a passkey" } }
                }
                p.said role="status" {}
            }
            noscript { p.notice { "Passkeys need JavaScript." } }
            @if !is_first {
                p.small.soft { "You have an account? " a href="/" { "Sign in" } "." }
            }
        }
    })
}

/// Goes on to a page of this console, or loads itself once more: what comes from another
/// site brings no cookie along.
pub(crate) fn again(frame: &Frame<'_>, next: &'static str) -> Markup {
    let content = if next.is_empty() {
        "0".to_owned()
    } else {
        format!("0; url={next}")
    };
    let head = html! { meta http-equiv="refresh" content=(content); };
    let content = html! {
        section.card.narrow {
            p.soft { "One moment." }
            p { a href=(next) { "Go on" } }
        }
    };
    frame.page_with(&head, &content)
}

/// Goes on to the identity provider. A form may not lead there by itself.
pub(crate) fn leave(frame: &Frame<'_>, host: &str, url: &str) -> Markup {
    let head = html! { meta http-equiv="refresh" content={ "0; url=" (url) }; };
    let content = html! {
        section.card.narrow {
            p.soft { "You sign in at " (line(host)) ", and come back." }
            p { a href=(url) { "Go on" } }
        }
    };
    frame.page_with(&head, &content)
}

/// Where somebody makes the passkey that they sign with, or why they do not.
pub(crate) fn own_passkey(frame: &Frame<'_>, may: &Result<(), String>) -> Markup {
    frame.page(&html! {
        section.card.narrow {
            h1 { "Your passkey" }
            @match may {
                Err(why) => { p.notice { (why) "." } }
                Ok(()) => {
                    p.soft {
                        "You are signed in. What you approve or reject is signed by you: with a passkey \
                         on this device, on your phone, or on a security key. It is bound to your \
                         account, and stays when your browser forgets you."
                    }
                    form data-passkey="own" method="post" action="/passkey" {
                        div.buttons { button.button.first type="submit" disabled { "Make a passkey" } }
                        p.said role="status" {}
                    }
                    noscript { p.notice { "Passkeys need JavaScript." } }
                }
            }
            p.small { a href="/approvals" { "Look around without one" } }
        }
    })
}
