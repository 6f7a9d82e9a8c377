//! The macros that make a component of a policy.

use serde::de::DeserializeOwned;

use super::SettingsError;
use crate::Configured;

/// Reads the settings; the error is for the operator.
#[doc(hidden)]
pub fn configured<S: DeserializeOwned>(
    settings: &Configured<S>,
    text: &str,
) -> Result<(), SettingsError> {
    #[cfg(target_family = "wasm")]
    crate::export::report_panics(|text| super::log::warn(text));
    settings.set(text).map_err(SettingsError::of_text)
}

/// Exports a policy that judges calls.
///
/// The first argument is the type of the settings (`serde::Deserialize`; let
/// it refuse what is wrong, with `deny_unknown_fields` and `try_from`: the
/// operator reads the error). The second is the function, from `(&Settings,
/// &Request)` to anything that is `Into<Opinion>`: an
/// [`Opinion`](crate::v0_2::Opinion), or a `Result` whose error is
/// `Into<Denial>`. The third is a function that gives its
/// [`Description`](crate::v0_2::Description).
#[macro_export]
macro_rules! policy_v0_2 {
    ($settings:ty, $judge:path, $about:path $(,)?) => {
        const _: () = {
            #[allow(dead_code, reason = "called by the component only")]
            fn policy_answers(
                settings: &$settings,
                request: &$crate::v0_2::Request,
            ) -> $crate::v0_2::Opinion {
                $judge(settings, request).into()
            }

            #[allow(dead_code, reason = "called by the component only")]
            fn policy_says_about_itself() -> $crate::v0_2::Description {
                $about()
            }

            #[cfg(target_family = "wasm")]
            $crate::export_v0_2!(
                $settings, policy_says_about_itself, policy_answers, bindings_of_policy, judging, judge -> $crate::v0_2::Opinion
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
macro_rules! editor_v0_2 {
    ($settings:ty, $revise:path, $about:path $(,)?) => {
        const _: () = {
            #[allow(dead_code, reason = "called by the component only")]
            fn policy_answers(
                settings: &$settings,
                request: &$crate::v0_2::Request,
            ) -> Result<$crate::v0_2::Revision, String> {
                $revise(settings, request)
                    .map(Into::into)
                    .map_err(|error| error.to_string())
            }

            #[allow(dead_code, reason = "called by the component only")]
            fn policy_says_about_itself() -> $crate::v0_2::Description {
                $about()
            }

            #[cfg(target_family = "wasm")]
            $crate::export_v0_2!(
                $settings, policy_says_about_itself, policy_answers, editor_bindings, revising,
                revise -> Result<$crate::v0_2::Revision, String>
            );
        };
    };
}

/// Exports a policy that looks at results on their way back.
///
/// The function goes from `(&Settings, &Request, &Response)` to anything that
/// is `Into<Report>`: a [`Report`](crate::v0_2::Report), or a `Result` whose error
/// can be displayed and blocks.
#[macro_export]
macro_rules! reviewer_v0_2 {
    ($settings:ty, $review:path, $about:path $(,)?) => {
        const _: () = {
            #[allow(dead_code, reason = "called by the component only")]
            fn policy_looks(
                settings: &$settings,
                request: &$crate::v0_2::Request,
                response: &$crate::v0_2::Response,
            ) -> $crate::v0_2::Report {
                $review(settings, request, response).into()
            }

            #[cfg(target_family = "wasm")]
            fn policy_answers(
                settings: &$settings,
                request: &$crate::v0_2::Request,
            ) -> $crate::v0_2::Report {
                policy_looks(settings, request, &$crate::v0_2::Response::of_this_call())
            }

            #[allow(dead_code, reason = "called by the component only")]
            fn policy_says_about_itself() -> $crate::v0_2::Description {
                $about()
            }

            #[cfg(target_family = "wasm")]
            $crate::export_v0_2!(
                $settings, policy_says_about_itself, policy_answers, reviewer_bindings, reviewing,
                review -> $crate::v0_2::Report
            );
        };
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! export_v0_2 {
    ($settings:ty, $about:ident, $answer:ident, $bindings:ident, $interface:ident, $name:ident -> $output:ty) => {
        static SETTINGS: $crate::Configured<$settings> = $crate::Configured::new();
        struct Component;

        impl $crate::v0_2::$bindings::exports::gatewright::policy::$interface::Guest for Component {
            fn describe() -> $crate::v0_2::Description {
                $about()
            }

            fn configure(settings: String) -> Result<(), $crate::v0_2::RefusedSettings> {
                $crate::v0_2::configured(&SETTINGS, &settings).map_err(Into::into)
            }

            fn $name() -> $output {
                $answer(SETTINGS.get(), &$crate::v0_2::Request::of_this_call())
            }
        }

        $crate::v0_2::$bindings::export!(Component with_types_in $crate::v0_2::$bindings);
    };
}
