//! What a table `[[approver]]` may say.

use std::collections::{HashMap, HashSet};

use gatewright_policy::approval::approver_key;
use gatewright_policy::credential::did_key;

use super::{Loaded, Problems};

/// Longest name of a person or role, in bytes.
const NAME_BYTES_MAX: usize = 256;

impl Loaded {
    /// Accounts of the console that are called something else than the person whose they
    /// are, and whose.
    pub fn approver_accounts(&self) -> Vec<(String, String)> {
        let accounts = self.config.approvers.iter().flat_map(|approver| {
            let whose = approver.name.get_ref();
            let accounts = approver.accounts.iter();
            accounts.map(move |account| (account.get_ref().clone(), whose.clone()))
        });
        accounts.collect()
    }
}

pub(super) fn check(loaded: &Loaded, problems: &mut Problems<'_>) {
    check_accounts(loaded, problems);
    let mut owners: HashMap<String, &str> = HashMap::new();
    let mut names = HashMap::new();
    for approver in &loaded.config.approvers {
        let (name, span) = (approver.name.get_ref().as_str(), approver.name.span());
        if !is_text(name) {
            problems.at(
                span.clone(),
                format!("approver `{}` has no fit name", name.escape_debug()),
                "write the id of the person as calls for the person have it, for example `user:kim`"
                    .to_owned(),
            );
        }
        if names.insert(name, ()).is_some() {
            problems.at(
                span.clone(),
                format!("there are two approvers with the name `{name}`"),
                "put the keys of one person into one table".to_owned(),
            );
        }
        if let Some(role) = approver.roles.iter().find(|role| !is_text(role)) {
            problems.at(
                span.clone(),
                format!("approver `{name}` has the role `{}`", role.escape_debug()),
                "write the roles as policies ask for them".to_owned(),
            );
        }
        if approver.keys.is_empty() && approver.accounts.is_empty() {
            problems.at(
                span,
                format!("approver `{name}` has no key"),
                "`gatewright key new <file>` prints the did:key of a new one".to_owned(),
            );
        }
        for key in &approver.keys {
            match approver_key(key.get_ref()) {
                Err(error) => problems.at(
                    key.span(),
                    error.to_string(),
                    "`gatewright key show <file>` prints the did:key of a key, also of one of OpenSSH"
                        .to_owned(),
                ),
                Ok(known) => {
                    let owner = owners.insert(did_key(&known), name);
                    if owner.is_some() {
                        problems.at(
                            key.span(),
                            "two approvers, or two places, have the same key".to_owned(),
                            "each person needs a key of one's own".to_owned(),
                        );
                    }
                }
            }
        }
    }
}

/// Each account is one person's, and nobody's name besides.
fn check_accounts(loaded: &Loaded, problems: &mut Problems<'_>) {
    let approvers = &loaded.config.approvers;
    let names: HashSet<_> = approvers.iter().map(|it| it.name.get_ref()).collect();
    let mut seen = HashSet::new();
    for account in approvers.iter().flat_map(|approver| &approver.accounts) {
        let name = account.get_ref();
        if !is_text(name) {
            problems.at(
                account.span(),
                format!("`{}` is no name of an account", name.escape_debug()),
                "write the account as the console lists it".to_owned(),
            );
        } else if names.contains(name) {
            problems.at(
                account.span(),
                format!("account `{name}` has the name of an approver"),
                "leave it out: an account is the approver's whose name it has".to_owned(),
            );
        } else if !seen.insert(name) {
            problems.at(
                account.span(),
                format!("account `{name}` is there twice"),
                "write it for the one person whose it is".to_owned(),
            );
        }
    }
}

fn is_text(name: &str) -> bool {
    !name.is_empty() && name.len() <= NAME_BYTES_MAX && !name.chars().any(char::is_control)
}

#[cfg(test)]
mod tests {
    use super::super::Loaded;

    const KEY: &str = "did:key:z6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooWp";

    fn read(approvers: &str) -> Result<Loaded, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("gatewright.toml");
        std::fs::write(&path, approvers).unwrap();
        let read = Loaded::read(&path);
        read.map_err(|error| error.problems[0].message.clone())
    }

    fn table(name: &str, rest: &str) -> String {
        format!("[[approver]]\nname = \"{name}\"\n{rest}\n")
    }

    #[test]
    fn accounts_are_of_the_person_that_names_them() {
        let loaded = read(&format!(
            "{}{}",
            table(
                "user:kim",
                &format!("keys = [\"{KEY}\"]\naccounts = [\"kim\"]")
            ),
            table("user:lee", "accounts = [\"lee\", \"l2\"]"),
        ));
        let accounts = loaded.unwrap().approver_accounts();
        let expected = [("kim", "user:kim"), ("lee", "user:lee"), ("l2", "user:lee")];
        let expected = expected.map(|(name, whose)| (name.to_owned(), whose.to_owned()));
        assert_eq!(accounts, expected);
    }

    #[test]
    fn nobody_is_two_people_and_no_account_is_of_two() {
        let keyed = format!("keys = [\"{KEY}\"]");
        for (approvers, expected) in [
            (table("a", ""), "has no key"),
            (table("a", "keys = []"), "has no key"),
            (table("a", "accounts = [\"\"]"), "is no name of an account"),
            (
                table("a", "accounts = [\"a\"]"),
                "account `a` has the name of an approver",
            ),
            (
                table("a", "accounts = [\"b\"]") + &table("b", &keyed),
                "account `b` has the name of an approver",
            ),
            (
                table("a", "accounts = [\"k\"]") + &table("b", "accounts = [\"k\"]"),
                "account `k` is there twice",
            ),
            (
                table("a", &keyed) + &table("b", &keyed),
                "have the same key",
            ),
            (
                table("a", &keyed) + &table("a", "accounts = [\"k\"]"),
                "two approvers with the name `a`",
            ),
        ] {
            let problem = read(&approvers).unwrap_err();
            assert!(problem.contains(expected), "{approvers}: {problem}");
        }
    }
}
