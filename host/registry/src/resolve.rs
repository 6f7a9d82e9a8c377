//! From a tag or a version range to the digest that it leads to now.

use bytes::Bytes;
use gatewright_pack::{IMAGE_MEDIA_TYPE, Sha256};
use hyper::header::{ACCEPT, HeaderValue, LINK};
use hyper::{Method, StatusCode, Uri};
use semver::VersionReq;
use serde::Deserialize;

use crate::error::RegistryError;
use crate::http::{Answer, Question, resolve, same_origin};
use crate::manifests::digest_of;
use crate::reference::{Reference, Version, is_tag};
use crate::registry::{Access, Registry};

/// How many tags a page is asked to have.
const PAGE_TAGS: usize = 1_000;

/// Most pages of a list: a registry may give shorter ones than it was asked for.
pub(crate) const PAGES_MAX: usize = 200;

#[derive(Deserialize)]
struct Tags {
    /// Some registries say `null` where there are none.
    tags: Option<Vec<String>>,
}

impl Registry {
    /// The digest of the manifest that the reference leads to now.
    ///
    /// # Errors
    ///
    /// When nothing is there, or the registry cannot be asked.
    pub async fn resolve(&self, reference: &Reference) -> Result<Sha256, RegistryError> {
        self.in_time(async {
            match self.name(reference).await? {
                Version::Digest(digest) => Ok(digest),
                Version::Tag(tag) => self.digest_of_tag(reference, &tag).await,
                Version::Range(_) => Err(no_name(reference)),
            }
        })
        .await
    }

    /// A digest or a tag: the range is looked up.
    pub(crate) async fn name(&self, reference: &Reference) -> Result<Version, RegistryError> {
        match reference.version() {
            Version::Range(range) => {
                let tags = self.tags(reference).await?;
                let highest = highest(&tags, range).ok_or_else(|| RegistryError::NoneFits {
                    repository: format!("{}/{}", reference.registry(), reference.repository()),
                    range: range.to_string(),
                    seen: tags.len(),
                })?;
                Ok(Version::Tag(highest.to_owned()))
            }
            named => Ok(named.clone()),
        }
    }

    /// HEAD; where that does not tell, GET.
    async fn digest_of_tag(
        &self,
        reference: &Reference,
        tag: &str,
    ) -> Result<Sha256, RegistryError> {
        let uri = self.uri(reference, &format!("manifests/{tag}"))?;
        let question = Question::new(Method::HEAD, uri, Bytes::new())
            .header(ACCEPT, HeaderValue::from_static(IMAGE_MEDIA_TYPE));
        let attempt = async || {
            let asked = self.ask(reference, Access::Pull, question.clone());
            let answer = asked.await?.expect(&[StatusCode::OK]).await?;
            Ok(digest_of(&answer))
        };
        match self.persistently(attempt).await? {
            Some(digest) => Ok(digest),
            None => Ok(self
                .fetch_manifest(reference, tag, IMAGE_MEDIA_TYPE)
                .await?
                .digest),
        }
    }

    /// Every tag of the repository, in bounds.
    async fn tags(&self, reference: &Reference) -> Result<Vec<String>, RegistryError> {
        let limits = &self.settings.limits;
        let mut next = Some(self.uri(reference, &format!("tags/list?n={PAGE_TAGS}"))?);
        let mut found: Vec<String> = Vec::new();
        for _ in 0..PAGES_MAX {
            let Some(uri) = next else { return Ok(found) };
            let attempt = async || {
                let answer = self.get(reference, uri.clone(), "application/json").await?;
                let answer = answer.expect(&[StatusCode::OK]).await?;
                let (url, after) = (answer.url(), next_page(&answer));
                let body = answer.body(limits.manifest_bytes_max).await?;
                let page: Tags = serde_json::from_slice(&body).map_err(|error| {
                    let why = format!("it gave no list of tags: {error}");
                    RegistryError::BadAnswer { url, why }
                })?;
                Ok((page.tags.unwrap_or_default(), after))
            };
            let (tags, after) = self.persistently(attempt).await?;
            found.extend(tags.into_iter().filter(|tag| is_tag(tag)));
            if found.len() > limits.tags_max {
                return Err(too_many(reference, limits.tags_max));
            }
            next = after;
        }
        match next {
            Some(_) => Err(too_many(reference, limits.tags_max)),
            None => Ok(found),
        }
    }
}

/// The tag of the highest version that fits. Of two tags of one version, the one
/// without the `v`.
fn highest<'a>(tags: &'a [String], range: &VersionReq) -> Option<&'a str> {
    let versions = tags.iter().filter_map(|tag| {
        let bare = tag.strip_prefix('v');
        let version = semver::Version::parse(bare.unwrap_or(tag)).ok()?;
        Some((version, bare.is_none(), tag.as_str()))
    });
    let fitting = versions.filter(|(version, ..)| range.matches(version));
    fitting.max().map(|(_, _, tag)| tag)
}

/// The next page of a list (`Link` with `rel="next"`, RFC 8288), on the same host.
pub(crate) fn next_page(answer: &Answer) -> Option<Uri> {
    let link = answer.header(LINK.as_str())?;
    let (target, parameters) = link.trim().strip_prefix('<')?.split_once('>')?;
    let next = parameters.contains("rel=\"next\"") || parameters.contains("rel=next");
    let uri = resolve(&answer.uri, target)?;
    (next && same_origin(&answer.uri, &uri)).then_some(uri)
}

fn too_many(reference: &Reference, limit: usize) -> RegistryError {
    RegistryError::TooLarge {
        what: "the number of tags",
        at: reference.to_string(),
        limit: limit as u64,
    }
}

fn no_name(reference: &Reference) -> RegistryError {
    RegistryError::NoneFits {
        repository: reference.repository().to_owned(),
        range: reference.version().to_string(),
        seen: 0,
    }
}

#[cfg(test)]
mod tests {
    use super::highest;

    #[test]
    fn the_highest_version_that_fits_is_chosen() {
        let tags = [
            "1.4.2",
            "1.4.10",
            "v1.4.9",
            "1.5.0",
            "2.0.0-rc.1",
            "latest",
            "1.4",
            "9.9.9x",
            "v1.5.0",
        ]
        .map(str::to_owned);
        for (range, expected) in [
            ("=1.4", Some("1.4.10")),
            ("^1", Some("1.5.0")),
            (">=1.2, <1.4.10", Some("v1.4.9")),
            ("^2", None),
            (">=2.0.0-rc.0", Some("2.0.0-rc.1")),
            ("^3", None),
        ] {
            assert_eq!(highest(&tags, &range.parse().unwrap()), expected, "{range}");
        }
    }
}
