//! What it means here who somebody is at the identity provider.

use gatewright_policy::credential::SignedIn;

use crate::accounts::{Right, is_name};

/// Most roles of one person: more than policies ask for.
const ROLES_MAX: usize = 64;

/// What people of one group may do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// As the identity provider calls it.
    pub name: String,
    /// What they may do besides looking.
    pub rights: Vec<Right>,
    /// The roles that policies ask for.
    pub roles: Vec<String>,
}

/// Somebody, as the console knows them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Means {
    pub(crate) name: String,
    /// What they may do besides looking.
    pub(crate) rights: Vec<Right>,
    pub(crate) roles: Vec<String>,
}

/// Why somebody is nobody here.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Meaningless {
    #[error(
        "your identity provider calls you something that is no name here: a name has letters, \
         digits and -_.@:+, at most 64 of them; hint: whoever runs the gate can name another \
         claim in `console.oidc.name_claim`"
    )]
    Name,
    #[error("you are in groups with more than {ROLES_MAX} roles together")]
    Roles,
}

/// What this means; none where they are in no group that means anything here, whatever
/// they are called.
pub(crate) fn means(
    signed_in: &SignedIn,
    prefix: &str,
    groups: &[Group],
) -> Result<Option<Means>, Meaningless> {
    let is_in = |group: &&Group| signed_in.groups.contains(&group.name);
    let own: Vec<_> = groups.iter().filter(is_in).collect();
    if own.is_empty() {
        return Ok(None);
    }
    let name = format!("{prefix}{}", signed_in.name);
    if !is_name(&name) {
        return Err(Meaningless::Name);
    }
    let has = |right: &Right| own.iter().any(|group| group.rights.contains(right));
    let rights = Right::ALL.into_iter().filter(has).collect();
    let mut roles: Vec<_> = own.iter().flat_map(|group| group.roles.clone()).collect();
    roles.sort();
    roles.dedup();
    if roles.len() > ROLES_MAX {
        return Err(Meaningless::Roles);
    }
    Ok(Some(Means {
        name,
        rights,
        roles,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn groups() -> Vec<Group> {
        let group = |name: &str, rights: &[Right], roles: &[&str]| Group {
            name: name.to_owned(),
            rights: rights.to_vec(),
            roles: roles.iter().map(|role| (*role).to_owned()).collect(),
        };
        vec![
            group("finance", &[Right::Approve], &["finance", "owner"]),
            group("oncall", &[Right::Operate, Right::Approve], &["owner"]),
            group("staff", &[], &[]),
        ]
    }

    fn someone(name: &str, groups: &[&str]) -> SignedIn {
        SignedIn {
            subject: "1".to_owned(),
            name: name.to_owned(),
            groups: groups.iter().map(|it| (*it).to_owned()).collect(),
        }
    }

    #[test]
    fn groups_add_up_and_nobody_means_more_than_they_say() {
        let both = means(
            &someone("kim", &["oncall", "finance", "other"]),
            "user:",
            &groups(),
        );
        let both = both.unwrap().unwrap();
        assert_eq!(both.name, "user:kim");
        assert_eq!(both.rights, [Right::Approve, Right::Operate]);
        assert_eq!(both.roles, ["finance", "owner"]);
        let looks = means(&someone("kim", &["staff"]), "", &groups()).unwrap();
        assert_eq!(looks.unwrap().rights, []);
        for none in [&[][..], &["other"], &["Finance"], &["fin*"], &[""]] {
            for name in ["kim", "kim lee"] {
                let nobody = means(&someone(name, none), "", &groups());
                assert_eq!(nobody, Ok(None), "{none:?}");
            }
        }
        for name in ["", "kim lee", "auth0|1", "k\u{ed}m", &"k".repeat(65)] {
            let nobody = means(&someone(name, &["staff"]), "", &groups());
            assert_eq!(nobody, Err(Meaningless::Name), "{name}");
        }
    }
}
