//! Accounts of people for whom an identity provider vouches.

use gatewright_policy::Timestamp;

use super::account::{Account, Right, Subject};
use super::change_error::{ACCOUNTS_MAX, ChangeError};
use crate::challenges::random;

/// What an identity provider says of somebody now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Vouched {
    pub(crate) subject: Subject,
    pub(crate) name: String,
    pub(crate) rights: Vec<Right>,
    pub(crate) roles: Vec<String>,
}

impl Vouched {
    /// The account is the subject's, and keeps the name that it was made with: under it stand
    /// decisions, and by it nobody decides on calls that are made for them.
    pub(super) fn apply(
        self,
        accounts: &mut Vec<Account>,
        now: Timestamp,
    ) -> Result<(), ChangeError> {
        let is_own = |account: &&mut Account| account.subject.as_ref() == Some(&self.subject);
        if let Some(account) = accounts.iter_mut().find(is_own) {
            if account.name != self.name {
                return Err(ChangeError::Renamed);
            }
            account.rights = self.rights;
            account.roles = self.roles;
            return Ok(());
        }
        if accounts.iter().any(|account| account.name == self.name) {
            return Err(ChangeError::NameTaken);
        }
        if accounts.len() >= ACCOUNTS_MAX {
            return Err(ChangeError::Full);
        }
        let handle = random::<16>().map_err(ChangeError::Random)?;
        accounts.push(Account {
            name: self.name,
            subject: Some(self.subject),
            handle: handle.to_vec(),
            rights: self.rights,
            roles: self.roles,
            created_at: now,
            passkeys: Vec::new(),
        });
        Ok(())
    }
}

/// Takes everything from the account of a subject, and gives its name.
pub(super) fn disown(accounts: &mut [Account], subject: &Subject) -> Option<String> {
    let mut own = accounts.iter_mut();
    let account = own.find(|account| account.subject.as_ref() == Some(subject))?;
    account.rights.clear();
    account.roles.clear();
    Some(account.name.clone())
}
