//! A use of a passkey: its signature over a challenge.

use ring::digest::{SHA256, digest};
use serde::{Deserialize, Serialize};

use super::authenticator::AuthenticatorData;
use super::client::{Use, challenge_of, check};
use super::{Passkey, PasskeyError, RelyingParty, base64url};

/// What a browser answers when a person used a passkey. Everything that it takes to
/// verify it again later, besides the public key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Assertion {
    /// Which passkey.
    #[serde(with = "base64url")]
    pub id: Vec<u8>,
    /// What the authenticator says; signed.
    #[serde(with = "base64url")]
    pub authenticator_data: Vec<u8>,
    /// What the browser says, with the challenge; its SHA-256 is signed.
    #[serde(rename = "clientDataJSON", with = "base64url")]
    pub client_data: Vec<u8>,
    /// The signature.
    #[serde(with = "base64url")]
    pub signature: Vec<u8>,
}

impl Assertion {
    /// The challenge that it says it answers; proves nothing.
    pub fn challenge(&self) -> Result<Vec<u8>, PasskeyError> {
        challenge_of(&self.client_data)
    }

    /// Whether this passkey answered this challenge, for a person that was verified.
    /// Gives what it counts now.
    pub fn verify(
        &self,
        passkey: &Passkey,
        challenge: &[u8],
        party: &RelyingParty,
    ) -> Result<u32, PasskeyError> {
        check(&self.client_data, Use::Get, challenge, party)?;
        let data = AuthenticatorData::read(&self.authenticator_data, party)?;
        if data.credential.is_some() || self.id != passkey.id {
            return Err(PasskeyError::Malformed);
        }
        let client = digest(&SHA256, &self.client_data);
        let signed = [&self.authenticator_data, client.as_ref()].concat();
        passkey.key.verify(&signed, &self.signature)?;
        let counts = data.counter != 0 || passkey.counter != 0;
        if counts && data.counter <= passkey.counter {
            return Err(PasskeyError::Counter);
        }
        Ok(data.counter)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use ring::rand::SystemRandom;
    use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _};

    use super::*;
    use crate::passkey::{PublicKey, encoded};
    use gatewright_policy::Timestamp;

    /// An authenticator that signs what it is told.
    pub(crate) struct Device {
        pair: EcdsaKeyPair,
        pub(crate) party: RelyingParty,
        pub(crate) flags: u8,
        pub(crate) counter: u32,
        pub(crate) origin: String,
        pub(crate) kind: &'static str,
    }

    impl Device {
        pub(crate) fn new(party: &RelyingParty) -> Self {
            let (algorithm, random) = (&ECDSA_P256_SHA256_ASN1_SIGNING, SystemRandom::new());
            let pair = EcdsaKeyPair::generate_pkcs8(algorithm, &random).unwrap();
            Self {
                pair: EcdsaKeyPair::from_pkcs8(algorithm, pair.as_ref(), &random).unwrap(),
                party: party.clone(),
                flags: 5,
                counter: 1,
                origin: party.origin.clone(),
                kind: "webauthn.get",
            }
        }

        pub(crate) fn key(&self) -> PublicKey {
            let point = &self.pair.public_key().as_ref()[1..];
            PublicKey::Es256(point.try_into().unwrap())
        }

        pub(crate) fn id(&self) -> Vec<u8> {
            self.pair.public_key().as_ref()[1..17].to_vec()
        }

        pub(crate) fn passkey(&self) -> Passkey {
            Passkey {
                id: self.id(),
                key: self.key(),
                counter: 0,
                added_at: Timestamp(0),
            }
        }

        pub(crate) fn client_data(&self, kind: &str, challenge: &[u8]) -> Vec<u8> {
            let (challenge, origin) = (encoded(challenge), &self.origin);
            serde_json::json!({
                "type": kind, "challenge": challenge, "origin": origin,
                "crossOrigin": false, "other_keys_can_be_added_here": "yes",
            })
            .to_string()
            .into_bytes()
        }

        pub(crate) fn data(&self, flags: u8) -> Vec<u8> {
            let site = digest(&SHA256, self.party.id.as_bytes());
            let counter = self.counter.to_be_bytes();
            [site.as_ref(), &[flags], &counter].concat()
        }

        pub(crate) fn sign(&self, challenge: &[u8]) -> Assertion {
            let client_data = self.client_data(self.kind, challenge);
            let authenticator_data = self.data(self.flags);
            let client = digest(&SHA256, &client_data);
            let signed = [&authenticator_data, client.as_ref()].concat();
            let signature = self.pair.sign(&SystemRandom::new(), &signed).unwrap();
            Assertion {
                id: self.id(),
                authenticator_data,
                client_data,
                signature: signature.as_ref().to_vec(),
            }
        }
    }

    fn party() -> RelyingParty {
        RelyingParty {
            id: "localhost".to_owned(),
            origin: "http://localhost:8702".to_owned(),
        }
    }

    #[test]
    fn a_passkey_answers_its_challenge_and_no_other() {
        let device = Device::new(&party());
        let (passkey, assertion) = (device.passkey(), device.sign(b"a"));
        assert_eq!(assertion.verify(&passkey, b"a", &party()), Ok(1));
        assert_eq!(assertion.challenge().unwrap(), b"a");
        let other = assertion.verify(&passkey, b"b", &party());
        assert_eq!(other, Err(PasskeyError::Challenge));
    }

    #[test]
    fn what_was_not_asked_for_here_and_now_proves_nothing() {
        type Change = fn(&mut Device);
        let cases: [(Change, PasskeyError); 8] = [
            (
                |it| it.origin = "http://localhost:1".into(),
                PasskeyError::Origin,
            ),
            (
                |it| it.origin = "https://localhost:8702".into(),
                PasskeyError::Origin,
            ),
            (
                |it| it.party.id = "example.com".into(),
                PasskeyError::RelyingParty,
            ),
            (|it| it.flags = 1, PasskeyError::NotVerified),
            (|it| it.flags = 4, PasskeyError::NotVerified),
            (|it| it.flags = 5 | 16, PasskeyError::Malformed),
            (|it| it.kind = "webauthn.create", PasskeyError::Challenge),
            (|it| it.counter = 0, PasskeyError::Counter),
        ];
        for (at, (change, expected)) in cases.into_iter().enumerate() {
            let mut device = Device::new(&party());
            let mut passkey = device.passkey();
            passkey.counter = u32::from(expected == PasskeyError::Counter);
            change(&mut device);
            let verified = device.sign(b"a").verify(&passkey, b"a", &party());
            assert_eq!(verified, Err(expected), "case {at}");
        }
    }

    #[test]
    fn no_byte_that_is_signed_can_be_changed() {
        let device = Device::new(&party());
        let (passkey, assertion) = (device.passkey(), device.sign(b"a"));
        for at in 0..assertion.authenticator_data.len() {
            let mut changed = assertion.clone();
            changed.authenticator_data[at] ^= 1;
            assert!(changed.verify(&passkey, b"a", &party()).is_err(), "{at}");
        }
        for at in 0..assertion.client_data.len() {
            let mut changed = assertion.clone();
            changed.client_data[at] ^= 1;
            assert!(changed.verify(&passkey, b"a", &party()).is_err(), "{at}");
        }
        let other = Device::new(&party());
        let mut stolen = passkey;
        stolen.key = other.key();
        let verified = assertion.verify(&stolen, b"a", &party());
        assert_eq!(verified, Err(PasskeyError::Signature));
    }
}
