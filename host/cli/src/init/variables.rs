//! Variables in what clients keep. What only the client knows is not guessed.

use std::path::Path;

/// What a client puts in the place of variables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Variables {
    /// Nothing: text is text.
    None,
    /// `${NAME}`, `${NAME:-otherwise}`.
    Named,
    /// `${env:NAME}`, `${userHome}`, `${workspaceFolder}`, `${input:id}`, ...
    OfKinds,
    /// `$NAME`, `${NAME}`.
    OfShell,
}

/// The value of a variable of the environment.
pub(super) type Environment = dyn Fn(&str) -> Option<String>;

/// What is known here of their values.
#[derive(Clone, Copy)]
pub(super) struct Known<'a> {
    pub(super) variables: Variables,
    pub(super) home: &'a Path,
    pub(super) project: Option<&'a Path>,
    /// Of the environment; nothing where the text must mean the same to everybody.
    pub(super) environment: Option<&'a Environment>,
}

impl Known<'_> {
    /// The text with values; the first variable that has none here otherwise.
    pub(super) fn resolve(&self, text: &str) -> Result<String, String> {
        if self.variables == Variables::None {
            return Ok(text.to_owned());
        }
        let mut resolved = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('$') {
            resolved.push_str(before);
            let (written, name, behind) = match after.strip_prefix('{') {
                Some(inner) => match inner.split_once('}') {
                    Some((name, behind)) => (format!("${{{name}}}"), name, behind),
                    None => return Err(format!("${after}")),
                },
                None => match self.bare_name(after) {
                    Some((name, behind)) => (format!("${name}"), name, behind),
                    None => {
                        resolved.push('$');
                        rest = after;
                        continue;
                    }
                },
            };
            resolved.push_str(&self.value(name).ok_or(written)?);
            rest = behind;
        }
        resolved.push_str(rest);
        Ok(resolved)
    }

    /// The name behind a `$`, where the client knows those without brackets.
    fn bare_name<'t>(&self, after: &'t str) -> Option<(&'t str, &'t str)> {
        if self.variables != Variables::OfShell {
            return None;
        }
        let end = after
            .find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
            .unwrap_or(after.len());
        after
            .split_at_checked(end)
            .filter(|(name, _)| !name.is_empty())
    }

    fn value(&self, name: &str) -> Option<String> {
        let text = |path: &Path| path.to_str().map(str::to_owned);
        match self.variables {
            Variables::None => None,
            Variables::Named => match name.split_once(":-") {
                Some((name, otherwise)) => {
                    let environment = self.environment?;
                    Some(environment(name).unwrap_or_else(|| otherwise.to_owned()))
                }
                None => self.of_environment(name),
            },
            Variables::OfShell => self.of_environment(name),
            Variables::OfKinds => match name.split_once(':') {
                Some(("env", name)) => self.of_environment(name),
                Some(_) => None,
                None => match name {
                    "userHome" => text(self.home),
                    "workspaceFolder" => text(self.project?),
                    "pathSeparator" | "/" => Some(std::path::MAIN_SEPARATOR.to_string()),
                    _ => None,
                },
            },
        }
    }

    fn of_environment(&self, name: &str) -> Option<String> {
        match name {
            "HOME" => self.home.to_str().map(str::to_owned),
            name => self.environment?(name),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolve(variables: Variables, environment: bool, text: &str) -> Result<String, String> {
        let values = |name: &str| (name == "TOKEN").then(|| "t".to_owned());
        let known = Known {
            variables,
            home: Path::new("/me"),
            project: Some(Path::new("/p")),
            environment: environment.then_some(&values as &Environment),
        };
        known.resolve(text)
    }

    #[test]
    fn each_client_has_its_own_and_what_it_alone_knows_is_named() {
        use Variables::{Named, None, OfKinds, OfShell};
        let cases = [
            (None, true, "${TOKEN} $TOKEN", Ok("${TOKEN} $TOKEN")),
            (Named, true, "a${TOKEN}b", Ok("atb")),
            (Named, true, "${GONE:-x}/${HOME}", Ok("x//me")),
            (Named, true, "${GONE}", Err("${GONE}")),
            (Named, false, "${HOME}/a$", Ok("/me/a$")),
            (Named, false, "${TOKEN}", Err("${TOKEN}")),
            (Named, false, "${GONE:-x}", Err("${GONE:-x}")),
            (OfKinds, true, "${env:TOKEN} $TOKEN", Ok("t $TOKEN")),
            (
                OfKinds,
                true,
                "${workspaceFolder}/${userHome}",
                Ok("/p//me"),
            ),
            (OfKinds, true, "${input:TOKEN}", Err("${input:TOKEN}")),
            (OfKinds, true, "${TOKEN}", Err("${TOKEN}")),
            (OfShell, true, "$TOKEN-${TOKEN} $", Ok("t-t $")),
            (OfShell, true, "$GONE/x", Err("$GONE")),
            (OfShell, true, "${open", Err("${open")),
        ];
        for (variables, environment, text, expected) in cases {
            let expected = expected.map(str::to_owned).map_err(str::to_owned);
            assert_eq!(resolve(variables, environment, text), expected, "{text}");
        }
    }
}
