//! The macros that make a component of a policy.

use std::sync::OnceLock;

use serde::Deserialize;
use serde::de::DeserializeOwned;

/// For a policy without settings: only `{}` is accepted.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoSettings {}

/// The settings of a component, built once by `configure`. The gate keeps them
/// in the snapshot that every call starts from.
#[doc(hidden)]
pub struct Configured<S>(OnceLock<S>);

/// Exports a policy that judges calls.
///
/// The first argument is the type of the settings (`serde::Deserialize`; let
/// it refuse what is wrong, with `deny_unknown_fields` and `try_from`: the
/// operator reads the error). The second is the function, from `(&Settings,
/// &Request)` to anything that is `Into<Verdict>`: a [`Verdict`](crate::Verdict),
/// or a `Result` whose error is `Into<Denial>`.
#[macro_export]
macro_rules! policy {
    ($settings:ty, $judge:path $(,)?) => {
        const _: () = {
            #[allow(dead_code, reason = "called by the component only")]
            fn answer(settings: &$settings, request: &$crate::Request) -> $crate::Verdict {
                $judge(settings, request).into()
            }

            #[cfg(target_family = "wasm")]
            $crate::export_judge!($settings, answer);
        };
    };
}

/// Exports a policy that rewrites arguments before anyone judges them.
///
/// The function goes from `(&Settings, &Request)` to `Result<Vec<Edit>, E>`; an
/// error (anything that can be displayed) denies the call.
#[macro_export]
macro_rules! editor {
    ($settings:ty, $revise:path $(,)?) => {
        const _: () = {
            #[allow(dead_code, reason = "called by the component only")]
            fn answer(
                settings: &$settings,
                request: &$crate::Request,
            ) -> Result<Vec<$crate::Edit>, String> {
                $revise(settings, request).map_err(|error| error.to_string())
            }

            #[cfg(target_family = "wasm")]
            $crate::export_revise!($settings, answer);
        };
    };
}

/// Exports a policy that looks at results on their way back.
///
/// The function goes from `(&Settings, &Request, &Response)` to anything that
/// is `Into<Finding>`: a [`Finding`](crate::Finding), or a `Result` whose error
/// can be displayed and blocks.
#[macro_export]
macro_rules! reviewer {
    ($settings:ty, $review:path $(,)?) => {
        const _: () = {
            #[allow(dead_code, reason = "called by the component only")]
            fn answer(
                settings: &$settings,
                request: &$crate::Request,
                response: &$crate::Response,
            ) -> $crate::Finding {
                $review(settings, request, response).into()
            }

            #[cfg(target_family = "wasm")]
            $crate::export_review!($settings, answer);
        };
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! export_judge {
    ($settings:ty, $answer:ident) => {
        static SETTINGS: $crate::Configured<$settings> = $crate::Configured::new();
        struct Component;

        impl $crate::policy::exports::gatewright::policy::judging::Guest for Component {
            fn configure(settings: String) -> Result<(), String> {
                SETTINGS.configure(&settings)
            }

            fn judge(
                request: $crate::policy::exports::gatewright::policy::judging::Request,
            ) -> $crate::Verdict {
                $answer(SETTINGS.get(), &$crate::Request::from(request))
            }
        }

        $crate::policy::export!(Component with_types_in $crate::policy);
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! export_revise {
    ($settings:ty, $answer:ident) => {
        static SETTINGS: $crate::Configured<$settings> = $crate::Configured::new();
        struct Component;

        impl $crate::editor::exports::gatewright::policy::revising::Guest for Component {
            fn configure(settings: String) -> Result<(), String> {
                SETTINGS.configure(&settings)
            }

            fn revise(
                request: $crate::editor::exports::gatewright::policy::revising::Request,
            ) -> Result<Vec<$crate::Edit>, String> {
                $answer(SETTINGS.get(), &$crate::Request::from(request))
            }
        }

        $crate::editor::export!(Component with_types_in $crate::editor);
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! export_review {
    ($settings:ty, $answer:ident) => {
        static SETTINGS: $crate::Configured<$settings> = $crate::Configured::new();
        struct Component;

        impl $crate::reviewer::exports::gatewright::policy::reviewing::Guest for Component {
            fn configure(settings: String) -> Result<(), String> {
                SETTINGS.configure(&settings)
            }

            fn review(
                request: $crate::reviewer::exports::gatewright::policy::reviewing::Request,
            ) -> $crate::Finding {
                $answer(
                    SETTINGS.get(),
                    &$crate::Request::from(request),
                    &$crate::Response::of_this_call(),
                )
            }
        }

        $crate::reviewer::export!(Component with_types_in $crate::reviewer);
    };
}

// === impl Configured ===

impl<S> Default for Configured<S> {
    fn default() -> Self {
        Self::new()
    }
}

impl<S> Configured<S> {
    /// Not configured yet.
    pub const fn new() -> Self {
        Self(OnceLock::new())
    }

    /// The settings. The gate configures before it asks; a host that does not
    /// gets a trap.
    pub fn get(&self) -> &S {
        #[expect(
            clippy::expect_used,
            reason = "the contract configures first, and a trap denies"
        )]
        self.0.get().expect("asked before it was configured")
    }
}

impl<S: DeserializeOwned> Configured<S> {
    /// Reads the settings; the error is for the operator.
    pub fn configure(&self, settings: &str) -> Result<(), String> {
        #[cfg(target_family = "wasm")]
        report_panics(|text| crate::log::warn(text));
        self.set(settings)
    }

    pub(crate) fn set(&self, settings: &str) -> Result<(), String> {
        let settings = serde_json::from_str(settings).map_err(|error| error.to_string())?;
        self.0
            .set(settings)
            .map_err(|_| "configured twice".to_owned())
    }
}

/// A panic becomes a trap, which has no text: say what and where before.
#[cfg(target_family = "wasm")]
pub(crate) fn report_panics(warn: fn(String)) {
    std::panic::set_hook(Box::new(move |info| warn(info.to_string())));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_that_do_not_fit_are_refused_with_a_reason() {
        let configured = Configured::<NoSettings>::new();
        let error = configured.configure(r#"{"rots":[]}"#).unwrap_err();
        assert!(error.contains("unknown field `rots`"), "{error}");
        assert_eq!(configured.configure("{}"), Ok(()));
    }
}
