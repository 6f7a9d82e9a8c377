//! A new passkey. Which device made it is not asked (attestation `none`): whoever has the
//! code that the registration is for may use whichever device they like.

use gatewright_policy::Timestamp;
use serde::Deserialize;

use super::authenticator::AuthenticatorData;
use super::client::{Use, challenge_of, check};
use super::{Passkey, PasskeyError, RelyingParty, base64url};

/// What a browser answers when a person made a passkey.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Registration {
    /// What the authenticator says, with id and key.
    #[serde(with = "base64url")]
    pub(crate) authenticator_data: Vec<u8>,
    /// What the browser says, with the challenge.
    #[serde(rename = "clientDataJSON", with = "base64url")]
    pub(crate) client_data: Vec<u8>,
}

impl Registration {
    /// The challenge that it says it answers; proves nothing.
    pub(crate) fn challenge(&self) -> Result<Vec<u8>, PasskeyError> {
        challenge_of(&self.client_data)
    }

    /// The passkey, if it was made for this challenge.
    pub(crate) fn verify(
        &self,
        challenge: &[u8],
        party: &RelyingParty,
        now: Timestamp,
    ) -> Result<Passkey, PasskeyError> {
        check(&self.client_data, Use::Create, challenge, party)?;
        let data = AuthenticatorData::read(&self.authenticator_data, party)?;
        let (id, key) = data.credential.ok_or(PasskeyError::Malformed)?;
        Ok(Passkey {
            id,
            key,
            counter: data.counter,
            added_at: now,
        })
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::passkey::assertion::tests::Device;

    /// A registration of the key of a device.
    pub(crate) fn register(device: &Device, challenge: &[u8]) -> Registration {
        let id = device.id();
        let length = u16::try_from(id.len()).unwrap().to_be_bytes();
        let parts = [&device.data(device.flags | 64)[..], &[0; 16], &length, &id];
        Registration {
            authenticator_data: [parts.concat(), device.key().to_cose()].concat(),
            client_data: device.client_data("webauthn.create", challenge),
        }
    }

    #[test]
    fn a_passkey_is_taken_as_it_was_made() {
        let party = RelyingParty {
            id: "localhost".to_owned(),
            origin: "http://localhost:8702".to_owned(),
        };
        let device = Device::new(&party);
        let registration = register(&device, b"a");
        let taken = registration.verify(b"a", &party, Timestamp(0)).unwrap();
        assert_eq!((taken.id, taken.key), (device.id(), device.key()));
        assert_eq!(
            registration.verify(b"b", &party, Timestamp(0)),
            Err(PasskeyError::Challenge)
        );
        for cut in 0..registration.authenticator_data.len() {
            let mut cut_off = registration.clone();
            cut_off.authenticator_data.truncate(cut);
            assert!(cut_off.verify(b"a", &party, Timestamp(0)).is_err(), "{cut}");
        }
        let mut longer = registration;
        longer.authenticator_data.push(0);
        let verified = longer.verify(b"a", &party, Timestamp(0));
        assert_eq!(verified, Err(PasskeyError::Malformed));
    }
}
