//! Signing in, and making an account.

use maud::{Markup, html};

use super::Frame;

pub(crate) fn sign_in(frame: &Frame<'_>) -> Markup {
    frame.page(&html! {
        section.card.narrow {
            h1 { "Sign in" }
            p.soft { "With the passkey of your account, on this device or on your phone." }
            form data-passkey="sign-in" method="post" action="/sign-in" {
                div.buttons { button.button.first type="submit" disabled { "Use a passkey" } }
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

/// Loads itself once more: a link on another site brings no cookie along.
pub(crate) fn again(frame: &Frame<'_>) -> Markup {
    let head = html! { meta http-equiv="refresh" content="0"; };
    let content = html! {
        section.card.narrow {
            p.soft { "One moment." }
            p { a href="" { "Go on" } }
        }
    };
    frame.page_with(&head, &content)
}
