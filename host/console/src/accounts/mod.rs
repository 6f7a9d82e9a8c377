//! Who may use the console, and what each of them may do.

mod account;
mod change_error;
mod code;
mod file;
mod invites;
mod name;
mod vouched;

use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use gatewright_disk::Lock;
use gatewright_policy::Timestamp;

use self::change_error::ACCOUNTS_MAX;
use self::file::AccountsFile;
use crate::passkey::Passkey;

pub use account::{Account, Right, Subject};
pub use change_error::ChangeError;
pub use file::AccountsError;
pub(crate) use invites::{Invite, Invites};
pub(crate) use name::{is_name, read_roles};
pub(crate) use vouched::Vouched;

/// The accounts of one console, which is the only one that changes them.
pub struct Accounts {
    file: AccountsFile,
    accounts: Mutex<Vec<Account>>,
    _alone: Lock,
}

impl Accounts {
    /// Reads them. Where there is no file there are none, and nobody could sign in yet.
    pub fn open(path: &Path) -> Result<Self, AccountsError> {
        let file = AccountsFile::at(path)?;
        let alone = file.lock()?;
        Ok(Self {
            accounts: Mutex::new(file.read()?),
            file,
            _alone: alone,
        })
    }

    /// Whether there is none yet.
    pub fn is_empty(&self) -> bool {
        self.lock().is_empty()
    }

    /// All of them.
    pub fn all(&self) -> Vec<Account> {
        self.lock().clone()
    }

    /// The account of this name.
    pub fn find(&self, name: &str) -> Option<Account> {
        self.lock().iter().find(|it| it.name == name).cloned()
    }

    /// The account with this passkey.
    pub fn with_passkey(&self, id: &[u8]) -> Option<Account> {
        let has = |account: &&Account| account.passkeys.iter().any(|passkey| passkey.id == id);
        self.lock().iter().find(has).cloned()
    }

    /// Makes an account. It is on disk when this returns.
    pub fn add(&self, account: Account) -> Result<(), ChangeError> {
        self.change(|accounts| {
            if accounts.len() >= ACCOUNTS_MAX {
                return Err(ChangeError::Full);
            }
            if accounts.iter().any(|it| it.name == account.name) {
                return Err(ChangeError::NameTaken);
            }
            let ids = |it: &Account| {
                it.passkeys
                    .iter()
                    .map(|it| it.id.clone())
                    .collect::<Vec<_>>()
            };
            let own = ids(&account);
            if accounts.iter().flat_map(ids).any(|id| own.contains(&id)) {
                return Err(ChangeError::PasskeyTaken);
            }
            accounts.push(account);
            Ok(())
        })
    }

    /// Removes an account.
    pub fn remove(&self, name: &str) -> Result<(), ChangeError> {
        self.change(|accounts| {
            let before = accounts.len();
            accounts.retain(|it| it.name != name);
            if accounts.len() == before {
                return Err(ChangeError::Unknown);
            }
            let operates = |it: &Account| it.rights.contains(&Right::Operate);
            match accounts.iter().any(operates) {
                true => Ok(()),
                false => Err(ChangeError::LastOperator),
            }
        })
    }

    /// Takes what an identity provider vouches for: the account of its subject, made where
    /// there is none, with exactly the rights and roles that it has now.
    pub(crate) fn vouch(&self, vouched: Vouched, now: Timestamp) -> Result<Account, ChangeError> {
        let name = vouched.name.clone();
        self.change(|accounts| vouched.apply(accounts, now))?;
        self.find(&name).ok_or(ChangeError::Unknown)
    }

    /// Takes rights and roles from the account of a subject, and gives its name; none where
    /// there is no account.
    pub(crate) fn disown(&self, subject: &Subject) -> Result<Option<String>, ChangeError> {
        let mut name = None;
        self.change(|accounts| {
            name = vouched::disown(accounts, subject);
            Ok(())
        })?;
        Ok(name)
    }

    /// Gives an account that has none the passkey that it signs with.
    pub(crate) fn bind(&self, name: &str, passkey: Passkey) -> Result<(), ChangeError> {
        self.change(|accounts| {
            let mut all = accounts.iter().flat_map(|it| &it.passkeys);
            if all.any(|known| known.id == passkey.id) {
                return Err(ChangeError::PasskeyTaken);
            }
            let account = accounts.iter_mut().find(|it| it.name == name);
            let account = account.ok_or(ChangeError::Unknown)?;
            if !account.passkeys.is_empty() {
                return Err(ChangeError::HasPasskey);
            }
            account.passkeys.push(passkey);
            Ok(())
        })
    }

    /// Notes what a passkey counts now, so that a copy of it is found out.
    pub(crate) fn counted(&self, id: &[u8], counter: u32) -> Result<(), ChangeError> {
        self.change(|accounts| {
            let mut passkeys = accounts.iter_mut().flat_map(|it| &mut it.passkeys);
            let passkey = passkeys.find(|it| it.id == id);
            let passkey = passkey.ok_or(ChangeError::Unknown)?;
            passkey.counter = counter;
            Ok(())
        })
    }

    /// Changes the file first: what is on disk is what holds.
    fn change(
        &self,
        change: impl FnOnce(&mut Vec<Account>) -> Result<(), ChangeError>,
    ) -> Result<(), ChangeError> {
        let mut accounts = self.lock();
        let mut changed = accounts.clone();
        change(&mut changed)?;
        if changed != *accounts {
            self.file.write(&changed)?;
            *accounts = changed;
        }
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Account>> {
        self.accounts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::passkey::PublicKey;

    fn account(name: &str, key: u8, rights: &[Right]) -> Account {
        Account {
            name: name.to_owned(),
            subject: None,
            handle: vec![key; 16],
            rights: rights.to_vec(),
            roles: vec!["finance".to_owned()],
            created_at: Timestamp(1),
            passkeys: vec![Passkey {
                id: vec![key],
                key: PublicKey::Ed25519([key; 32]),
                counter: 0,
                added_at: Timestamp(1),
            }],
        }
    }

    #[test]
    fn accounts_are_there_after_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state/console.json");
        let kim = account("kim", 1, &Right::ALL);
        {
            let accounts = Accounts::open(&path).unwrap();
            assert!(accounts.is_empty());
            accounts.add(kim.clone()).unwrap();
            accounts.counted(&[1], 7).unwrap();
            let second = Accounts::open(&path);
            assert!(matches!(second, Err(AccountsError::Locked { .. })));
        }
        let again = Accounts::open(&path).unwrap();
        assert_eq!(again.with_passkey(&[1]).unwrap().passkeys[0].counter, 7);
        assert_eq!(again.find("kim").unwrap().roles, kim.roles);
    }

    #[test]
    fn what_would_make_two_people_one_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let accounts = Accounts::open(&folder.path().join("console.json")).unwrap();
        accounts.add(account("kim", 1, &Right::ALL)).unwrap();
        let same_name = accounts.add(account("kim", 2, &[]));
        assert!(matches!(same_name, Err(ChangeError::NameTaken)));
        let same_key = accounts.add(account("lee", 1, &[]));
        assert!(matches!(same_key, Err(ChangeError::PasskeyTaken)));
        accounts.add(account("lee", 2, &[Right::Approve])).unwrap();
        let last = accounts.remove("kim");
        assert!(matches!(last, Err(ChangeError::LastOperator)));
        assert_eq!(accounts.all().len(), 2);
        accounts.remove("lee").unwrap();
        for number in 2..=u8::try_from(ACCOUNTS_MAX).unwrap() {
            accounts
                .add(account(&format!("a{number}"), number, &[]))
                .unwrap();
        }
        let full = accounts.add(account("one-more", 255, &[]));
        assert!(matches!(full, Err(ChangeError::Full)));
    }
}
