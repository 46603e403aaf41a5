//! Promise: the credentials are those of the profile that is named, or there are none; they are resolved once, and used with care.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use crate::generated_files::repository;
use crate::harness::zip;
use crate::server::Server;

const SPEC: &str = "version: 1\nstack: shop\nfunctions:\n  orders: {runtime: python3.13, handler: app.handler, \
                    role: \"arn:aws:iam::123456789012:role/orders\", code: {zip: package.zip}}\n";

/// A home folder with these AWS configuration files, and a spec.
fn home(config: &str, credentials: &str) -> tempfile::TempDir {
    let home = tempfile::tempdir().unwrap();
    std::fs::create_dir(home.path().join(".aws")).unwrap();
    std::fs::write(home.path().join(".aws/config"), config).unwrap();
    std::fs::write(home.path().join(".aws/credentials"), credentials).unwrap();
    std::fs::write(home.path().join("trueup.yaml"), SPEC).unwrap();
    std::fs::write(home.path().join("package.zip"), zip(&[("app.py", "")])).unwrap();
    home
}

/// Runs `plan` with this environment and these flags, and nothing else. Returns the exit code and both outputs.
fn plan(home: &Path, environment: &[(&str, &str)], flags: &[&str]) -> (Option<i32>, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_trueup"))
        .arg("plan")
        .args(flags)
        .current_dir(home)
        .env_clear()
        .envs([("HOME", home.to_str().unwrap()), ("PATH", "/usr/bin:/bin"), ("AWS_REGION", "us-east-1")])
        .env("AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://127.0.0.1:9")
        .envs(environment.iter().copied())
        .output()
        .unwrap();
    let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    (output.status.code(), text)
}

/// The address of a simulator that does not look like this machine, so that credentials are needed.
fn remote(server: &Server) -> String {
    server.url.replace("127.0.0.1", "0.0.0.0")
}

#[test]
fn a_named_profile_must_exist() {
    let home =
        home("[profile staging]\nregion = eu-west-1\n", "[prod]\naws_access_key_id = A\naws_secret_access_key = x\n");
    let keys = [("AWS_ACCESS_KEY_ID", "AKIAOTHER"), ("AWS_SECRET_ACCESS_KEY", "x")];
    for (environment, flags) in [
        (&[("AWS_PROFILE", "prdo")][..], &[][..]),
        (&[("AWS_DEFAULT_PROFILE", "prdo"), ("AWS_PROFILE", "prod")], &[]),
        (&[("TRUEUP_PROFILE", "prdo")], &[]),
        (&[("AWS_PROFILE", "prod")], &["--profile", "prdo"]),
        (&[("AWS_PROFILE", "prdo"), keys[0], keys[1]], &[]),
        (&[("AWS_PROFILE", "prdo"), ("AWS_REGION", "")], &[]),
    ] {
        let (code, text) = plan(home.path(), environment, flags);
        assert_eq!(code, Some(1), "{environment:?}: {text}");
        let want =
            "error: there is no profile `prdo` in ~/.aws/config or ~/.aws/credentials\nhint: did you mean `prod`?\n";
        assert_eq!(text, want, "{environment:?}");
    }
    let (_, text) = plan(home.path(), &[("AWS_PROFILE", "other")], &[]);
    assert!(text.contains("hint: the profiles are `prod` and `staging`"), "{text}");
    let (code, text) = plan(self::home("", "").path(), &[("AWS_PROFILE", "prod")], &[]);
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("there is no profile `prod`") && text.contains("there are no profiles"), "{text}");
    // Nobody named the profile `default`, so it need not exist.
    let (_, text) = plan(home.path(), &[], &[]);
    assert!(text.contains("no AWS credentials were found"), "{text}");
}

#[test]
fn a_profile_without_credentials_names_the_command_that_signs_in() {
    let sso = "[profile sso]\nsso_session = s\nsso_account_id = 123456789012\nsso_role_name = r\n[sso-session s]\n\
               sso_region = us-east-1\nsso_start_url = https://example.com/start\n";
    let console = "[profile console]\nlogin_session = arn:aws:iam::123456789012:user/me\n";
    let home = home(&format!("{sso}{console}"), "");
    for (profile, command) in [("sso", "aws sso login --profile sso"), ("console", "aws login --profile console")] {
        let (code, text) = plan(home.path(), &[("AWS_PROFILE", profile)], &[]);
        assert_eq!(code, Some(1), "{text}");
        assert!(text.contains(&format!("hint: sign in with `{command}`")), "{text}");
        assert!(!text.contains("feature"), "{text}");
    }
}

#[test]
fn credentials_are_resolved_once_and_their_first_use_is_reported() {
    let server = Server::start(&["--settle", "0", "--allowed-host", "0.0.0.0"]);
    let home = home("", "");
    let program = home.path().join("credentials.sh");
    let json = r#"{"Version":1,"AccessKeyId":"AKIAPROGRAM","SecretAccessKey":"program-s3cret","SessionToken":"program-t0ken","Expiration":"2099-01-01T00:00:00Z"}"#;
    std::fs::write(&program, format!("echo asked >> {}/asked\necho '{json}'\n", home.path().display())).unwrap();
    let config = format!("[profile program]\ncredential_process = /bin/sh {}\n", program.display());
    std::fs::write(home.path().join(".aws/config"), config).unwrap();
    let flags = ["--endpoint-url", &remote(&server), "--profile", "program", "--verbose"];
    let (code, text) = plan(home.path(), &[], &flags);
    assert_eq!(code, Some(0), "{text}");
    assert_eq!(std::fs::read_to_string(home.path().join("asked")).unwrap(), "asked\n");
    let uses: Vec<&str> = text.lines().filter(|line| line.contains("using the credentials")).collect();
    assert_eq!(uses.len(), 1, "{text}");
    assert!(uses[0].contains("account=123456789012") && uses[0].contains("role=arn:aws:"), "{text}");
    assert!(!text.contains("program-"), "{text}");
}

#[test]
fn a_session_token_without_encryption_is_a_warning() {
    let server = Server::start(&["--settle", "0", "--allowed-host", "0.0.0.0"]);
    let home = home("", "");
    let keys = [("AWS_ACCESS_KEY_ID", "AKIA"), ("AWS_SECRET_ACCESS_KEY", "x"), ("AWS_SESSION_TOKEN", "t0ken-t0ken")];
    let warns = |environment: &[(&str, &str)], url: &str| {
        let (code, text) = plan(home.path(), environment, &["--endpoint-url", url]);
        assert_eq!(code, Some(0), "{text}");
        assert!(!text.contains("t0ken"), "{text}");
        text.contains("warning: the session token of the credentials is sent to http://")
    };
    assert!(warns(&keys, &remote(&server)));
    assert!(!warns(&keys[..2], &remote(&server)));
    assert!(!warns(&keys, &server.url));
}

#[test]
fn a_password_in_an_endpoint_url_is_not_shown() {
    let home = home("", "");
    for url in ["http://me:hunter2@127.0.0.1:9", "ftp://me:hunter2@127.0.0.1:9"] {
        let (code, text) = plan(home.path(), &[], &["--endpoint-url", url]);
        assert_eq!(code, Some(1), "{text}");
        assert!(text.contains("://(sensitive)@127.0.0.1:9") && !text.contains("hunter2"), "{text}");
    }
}

/// A TLS server whose certificate is signed by `tests/fixtures/tls/ca.pem`. It knows its account, and no function.
fn tls_server() -> String {
    let pem = |name: &str| repository(&format!("tests/fixtures/tls/{name}"));
    let certificate = CertificateDer::from_pem_file(pem("server.pem")).unwrap();
    let key = PrivateKeyDer::from_pem_file(pem("server.key")).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let config = Arc::new(config.with_no_client_auth().with_single_cert(vec![certificate], key).unwrap());
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("https://localhost:{}", listener.local_addr().unwrap().port());
    std::thread::spawn(move || {
        for stream in listener.incoming().filter_map(Result::ok) {
            let config = config.clone();
            std::thread::spawn(move || answer(config, stream));
        }
    });
    url
}

/// Answers every request of a connection, until the client ends it or does not trust the certificate.
fn answer(config: Arc<ServerConfig>, stream: TcpStream) -> Option<()> {
    let mut stream = BufReader::new(StreamOwned::new(ServerConnection::new(config).ok()?, stream));
    loop {
        let (mut first, mut line, mut length) = (String::new(), String::new(), 0);
        stream.read_line(&mut first).ok().filter(|read| *read > 0)?;
        while stream.read_line(&mut line).ok()? > 2 {
            if let Some((_, value)) =
                line.split_once(':').filter(|(name, _)| name.eq_ignore_ascii_case("content-length"))
            {
                length = value.trim().parse().ok()?;
            }
            line.clear();
        }
        std::io::Read::read_exact(&mut stream, &mut vec![0; length]).ok()?;
        let (status, body) = match first.starts_with("POST / ") {
            true => (
                "200 OK",
                "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><GetCallerIdentityResult>\
                 <Arn>arn:aws:iam::123456789012:root</Arn><UserId>u</UserId><Account>123456789012</Account>\
                 </GetCallerIdentityResult></GetCallerIdentityResponse>",
            ),
            false => ("404 Not Found", "{\"Type\":\"User\",\"Message\":\"Function not found\"}"),
        };
        let error = "x-amzn-errortype: ResourceNotFoundException\r\n";
        let length = body.len();
        write!(stream.get_mut(), "HTTP/1.1 {status}\r\n{error}content-length: {length}\r\n\r\n{body}").ok()?;
        stream.get_mut().flush().ok()?;
    }
}

#[test]
fn servers_are_trusted_by_the_certificates_of_a_bundle() {
    let url = tls_server();
    let bundle = repository("tests/fixtures/tls/ca.pem");
    let bundle = bundle.to_str().unwrap();
    let home = home(&format!("[profile corporate]\nca_bundle = {bundle}\n"), "");
    std::fs::write(home.path().join("empty.pem"), "no certificate\n").unwrap();
    let flags = ["--endpoint-url", &url];
    let reached = "Plan: 1 to create";
    for (environment, want) in [
        (("AWS_CA_BUNDLE", bundle), reached),
        (("AWS_PROFILE", "corporate"), reached),
        (("AWS_RETRY_MODE", "standard"), "cannot be reached"),
        (("AWS_CA_BUNDLE", "missing.pem"), "the certificates in missing.pem cannot be used: No such file"),
        (("AWS_CA_BUNDLE", "empty.pem"), "the certificates in empty.pem cannot be used: it holds no certificate"),
    ] {
        let (code, text) = plan(home.path(), &[environment], &flags);
        assert!(text.contains(want), "{environment:?}: {text}");
        assert_eq!(code, Some(i32::from(want != reached)), "{environment:?}: {text}");
    }
}
