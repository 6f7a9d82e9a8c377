//! What is wrong with a tool server that gave no usable answer: beside the reason of a
//! refusal, so that a program knows whether to ask again, and a person what to mend.

use std::time::Duration;

macro_rules! troubles {
    ($($(#[doc = $doc:literal])+ $variant:ident $(($field:ty))? = $code:literal, $told:literal;)+) => {
        /// Closed; each has a stable wire code. None tells where a server is.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Trouble {
            $($(#[doc = $doc])+ $variant $(($field))?,)+
        }

        impl Trouble {
            /// All codes, in the order of the documentation.
            pub const CODES: &'static [&'static str] = &[$($code),+];

            /// The wire code.
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant { .. } => $code,)+ }
            }

            /// What the agent is told: nothing of where the server is or how it failed.
            pub const fn told(self) -> &'static str {
                match self { $(Self::$variant { .. } => $told,)+ }
            }
        }
    };
}

troubles! {
    /// No connection, or one that broke.
    Unreachable = "upstream_unreachable", "the tool server cannot be reached";
    /// Its certificate does not verify, or TLS does not come about.
    Tls = "upstream_tls", "no trusted connection to the tool server can be made";
    /// It does not take the gate's own credential.
    RefusedCredential = "upstream_refused_credential",
        "the tool server refuses the gate's credential; the operator must mend it";
    /// It is asked too much, and says when to come back where it does.
    Busy(Option<Duration>) = "upstream_busy", "the tool server is busy; ask again later";
    /// It answers with another HTTP status of an error.
    Status(u16) = "upstream_error", "the tool server answered with an HTTP error";
    /// It is somewhere else.
    Redirected = "upstream_redirected",
        "the tool server has another address; the operator must change it";
    /// Its program cannot be started.
    NotStarted = "upstream_start_failed",
        "the program of the tool server cannot be started; the operator must mend it";
    /// Its program ended by itself.
    Ended = "upstream_ended", "the tool server ended, or its session did";
    /// The gate ended it, or lets nothing through any more.
    Stopped = "upstream_stopped", "the tool server was stopped";
}

impl Trouble {
    /// When to ask again, where that is known.
    pub const fn retry_after(self) -> Option<Duration> {
        match self {
            Self::Busy(after) => after,
            Self::Unreachable
            | Self::Tls
            | Self::RefusedCredential
            | Self::Status(_)
            | Self::Redirected
            | Self::NotStarted
            | Self::Ended
            | Self::Stopped => None,
        }
    }

    /// The HTTP status that it answered with, where that is all that is known.
    pub const fn status(self) -> Option<u16> {
        match self {
            Self::Status(status) => Some(status),
            Self::Unreachable
            | Self::Tls
            | Self::RefusedCredential
            | Self::Busy(_)
            | Self::Redirected
            | Self::NotStarted
            | Self::Ended
            | Self::Stopped => None,
        }
    }
}
