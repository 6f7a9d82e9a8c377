//! The macros that make a component of a policy.

use std::sync::OnceLock;

use serde::de::DeserializeOwned;

use crate::bindings::contract::types;
use crate::{data, settings};

/// The settings of a component, built once by `configure`. The gate keeps them
/// in the snapshot that every call starts from.
#[doc(hidden)]
#[derive(Debug)]
pub struct Configured<S>(OnceLock<S>);

/// Exports a policy that judges calls.
///
/// The first argument is the type of the settings (`serde::Deserialize`; let
/// it refuse what is wrong, with `deny_unknown_fields` and `try_from`: the
/// operator reads the error). The second is the function, from `(&Settings,
/// &Request)` to anything that is `Into<Opinion>`: an
/// [`Opinion`](crate::Opinion), or a `Result` whose error is
/// `Into<Denial>`. The third is a function that gives its
/// [`Description`](crate::Description).
#[macro_export]
macro_rules! policy {
    ($settings:ty, $judge:path, $about:path $(,)?) => {
        const _: () = {
            #[allow(dead_code, reason = "called by the component only")]
            fn policy_answers(
                settings: &$settings,
                request: &$crate::Request,
            ) -> $crate::Opinion {
                $judge(settings, request).into()
            }

            #[allow(dead_code, reason = "called by the component only")]
            fn policy_says_about_itself() -> $crate::Description {
                $about()
            }

            #[cfg(target_family = "wasm")]
            $crate::export_world!(
                $settings, policy_says_about_itself, policy_answers, policy, judging, judge -> $crate::Opinion
            );
        };
    };
}

/// Exports a policy that rewrites arguments before anyone judges them.
///
/// The function goes from `(&Settings, &Request)` to `Result<R, E>`, where `R` is
/// `Into<Revision>` (a list of edits is); an error (anything that can be displayed)
/// denies the call.
#[macro_export]
macro_rules! editor {
    ($settings:ty, $revise:path, $about:path $(,)?) => {
        const _: () = {
            #[allow(dead_code, reason = "called by the component only")]
            fn policy_answers(
                settings: &$settings,
                request: &$crate::Request,
            ) -> Result<$crate::Revision, String> {
                $revise(settings, request)
                    .map(Into::into)
                    .map_err(|error| error.to_string())
            }

            #[allow(dead_code, reason = "called by the component only")]
            fn policy_says_about_itself() -> $crate::Description {
                $about()
            }

            #[cfg(target_family = "wasm")]
            $crate::export_world!(
                $settings, policy_says_about_itself, policy_answers, editor, revising,
                revise -> Result<$crate::Revision, String>
            );
        };
    };
}

/// Exports a policy that looks at results on their way back.
///
/// The function goes from `(&Settings, &Request, &Response)` to anything that
/// is `Into<Report>`: a [`Report`](crate::Report), or a `Result` whose error
/// can be displayed and blocks.
#[macro_export]
macro_rules! reviewer {
    ($settings:ty, $review:path, $about:path $(,)?) => {
        const _: () = {
            #[allow(dead_code, reason = "called by the component only")]
            fn policy_looks(
                settings: &$settings,
                request: &$crate::Request,
                response: &$crate::Response,
            ) -> $crate::Report {
                $review(settings, request, response).into()
            }

            #[cfg(target_family = "wasm")]
            fn policy_answers(settings: &$settings, request: &$crate::Request) -> $crate::Report {
                policy_looks(settings, request, &$crate::Response::of_this_call())
            }

            #[allow(dead_code, reason = "called by the component only")]
            fn policy_says_about_itself() -> $crate::Description {
                $about()
            }

            #[cfg(target_family = "wasm")]
            $crate::export_world!(
                $settings, policy_says_about_itself, policy_answers, reviewer, reviewing,
                review -> $crate::Report
            );
        };
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! export_world {
    ($settings:ty, $about:ident, $answer:ident, $bindings:ident, $interface:ident, $name:ident -> $output:ty) => {
        static SETTINGS: $crate::Configured<$settings> = $crate::Configured::new();
        struct Component;

        impl $crate::$bindings::exports::gatewright::policy::$interface::Guest for Component {
            fn describe() -> $crate::Description {
                $about()
            }

            fn configure(settings: String) -> Result<(), $crate::RefusedSettings> {
                SETTINGS.configure(&settings)
            }

            fn $name() -> $output {
                $crate::data::begin_call();
                $answer(SETTINGS.get(), &$crate::Request::of_this_call())
            }
        }

        $crate::$bindings::export!(Component with_types_in $crate::$bindings);
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
    pub fn configure(&self, text: &str) -> Result<(), types::SettingsError> {
        #[cfg(target_family = "wasm")]
        report_panics();
        data::begin_settings(text);
        let settings = self.0.set(settings::read(text)?);
        data::end_settings();
        settings.map_err(|_| settings::SettingsError::new("configured twice").into())
    }
}

/// A panic becomes a trap, which has no text: say what and where before.
#[cfg(target_family = "wasm")]
fn report_panics() {
    std::panic::set_hook(Box::new(|info| crate::log::warn(info.to_string())));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::NoSettings;

    #[test]
    fn settings_that_do_not_fit_are_refused_with_a_reason() {
        let configured = Configured::<NoSettings>::new();
        let error = configured.configure(r#"{"rots":[]}"#).unwrap_err();
        assert!(error.message.contains("unknown field `rots`"), "{error:?}");
        assert_eq!(configured.configure("{}"), Ok(()));
    }
}
