//! What a table `[server.credential]` may say.

use std::ops::Range;

use super::ServerConfig;
use super::credential::{CredentialConfig, OauthConfig, OauthGrant};
use super::problem::Problems;
use super::url::is_safe;

pub(super) fn check(server: &ServerConfig, problems: &mut Problems<'_>) {
    let Some(credential) = &server.credential else {
        return;
    };
    let (span, credential) = (credential.span(), credential.get_ref());
    let places = [
        credential.env.is_some(),
        credential.file.is_some(),
        credential.command.is_some(),
        credential.oauth.is_some(),
    ];
    if places.into_iter().filter(|is_there| *is_there).count() != 1 {
        problems.at(
            span.clone(),
            "`credential` needs exactly one of `env`, `file`, `command` and `oauth`".to_owned(),
            "name where the secret is, or who gives it; never write it here".to_owned(),
        );
    }
    if let Some(command) = &credential.command {
        check_command(credential, command, &span, problems);
    } else if !credential.env_pass.is_empty() {
        problems.at(
            span.clone(),
            "`env_pass` is for a credential that a `command` prints".to_owned(),
            "leave it out".to_owned(),
        );
    }
    if let Some(oauth) = &credential.oauth {
        check_oauth(oauth, &span, problems);
    }
    if credential.lasts.0.as_secs() == 0 {
        problems.at(
            span,
            "a credential is used for a second at the least: `lasts` is shorter".to_owned(),
            "leave the key out for its default".to_owned(),
        );
    }
}

fn check_command(
    credential: &CredentialConfig,
    command: &[String],
    span: &Range<usize>,
    problems: &mut Problems<'_>,
) {
    if command.first().is_none_or(String::is_empty) {
        problems.at(
            span.clone(),
            "`command` of a credential is empty".to_owned(),
            "write program and arguments: `command = [\"vault\", \"print\", \"token\"]`".to_owned(),
        );
    }
    if credential.env_pass.iter().any(String::is_empty) {
        problems.at(
            span.clone(),
            "`env_pass` of a credential names a variable without a name".to_owned(),
            "write the name of a variable".to_owned(),
        );
    }
}

fn check_oauth(oauth: &OauthConfig, span: &Range<usize>, problems: &mut Problems<'_>) {
    if !is_safe(&oauth.token_url) {
        problems.at(
            span.clone(),
            format!("`{}` is not an https URL", oauth.token_url),
            "write the `token_endpoint` of the authorization server; plain http is for this \
             machine alone"
                .to_owned(),
        );
    }
    if oauth.client_id.is_empty() {
        problems.at(
            span.clone(),
            "`client_id` is empty".to_owned(),
            "write as whom the authorization server knows the gate".to_owned(),
        );
    }
    let proofs = [
        oauth.client_secret_env.is_some(),
        oauth.client_secret_file.is_some(),
        oauth.client_key_file.is_some(),
    ];
    if proofs.into_iter().filter(|is_there| *is_there).count() != 1 {
        problems.at(
            span.clone(),
            "`oauth` needs exactly one of `client_secret_env`, `client_secret_file` and \
             `client_key_file`"
                .to_owned(),
            "name the variable or the file that holds the secret, or the file with the key; never \
             write it here"
                .to_owned(),
        );
    }
    let names_key = oauth.client_key_id.is_some() || oauth.issuer.is_some();
    if names_key && oauth.client_key_file.is_none() {
        problems.at(
            span.clone(),
            "`client_key_id` and `issuer` say something of a key that is not there".to_owned(),
            "name its file in `client_key_file`, or leave them out".to_owned(),
        );
    }
    if (oauth.grant == OauthGrant::TokenExchange) == oauth.subject_issuers.is_empty() {
        problems.at(
            span.clone(),
            "`subject_issuers` and `grant = \"token-exchange\"` need each other".to_owned(),
            "name the issuers whose credentials this authorization server may see: it is asked \
             with the caller's own"
                .to_owned(),
        );
    }
    let is_token = |scope: &String| {
        // RFC 6749, 3.3.
        let plain = |byte: u8| byte.is_ascii_graphic() && !b"\"\\".contains(&byte);
        !scope.is_empty() && scope.bytes().all(plain)
    };
    if let Some(scope) = oauth.scopes.iter().find(|scope| !is_token(scope)) {
        problems.at(
            span.clone(),
            format!("`{scope}` is no scope"),
            "write each scope by itself: `scopes = [\"tickets.read\", \"tickets.write\"]`"
                .to_owned(),
        );
    }
}
