//! The command `sim`: its arguments, its end, and its output.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use crate::server::Connection;

fn sim(arguments: &[&str], environment: &[(&str, &str)]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_trueup"));
    command.arg("sim").args(arguments).env_clear().envs(environment.iter().copied());
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// A server that has said where it listens.
fn started(arguments: &[&str], environment: &[(&str, &str)]) -> (Child, String) {
    let mut child = sim(arguments, environment).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let Some(url) = line.trim().strip_prefix("Listening on ") else {
        panic!("{}", String::from_utf8_lossy(&child.wait_with_output().unwrap().stderr));
    };
    (child, url.to_owned())
}

/// Sends a signal as a shell does.
fn signal(child: &Child, name: &str) {
    assert!(Command::new("kill").args([name, &child.id().to_string()]).status().unwrap().success());
}

/// The end of a server that should end by itself, with what it said and how long it took.
fn ended(child: Child) -> (Output, Duration) {
    let begun = Instant::now();
    let output = child.wait_with_output().unwrap();
    (output, begun.elapsed())
}

fn refused(arguments: &[&str], environment: &[(&str, &str)]) -> String {
    let output = sim(arguments, environment).output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{arguments:?}");
    String::from_utf8(output.stderr).unwrap()
}

#[test]
fn a_request_that_is_open_does_not_keep_the_server() {
    let (child, url) = started(&["--listen", "127.0.0.1:0", "--rule", "slow 30s on ListFunctions"], &[]);
    let address = url.trim_start_matches("http://");
    let mut half_sent = TcpStream::connect(address).unwrap();
    half_sent
        .write_all(b"POST /2015-03-31/functions HTTP/1.1\r\nhost: localhost\r\ncontent-length: 10\r\n\r\n{")
        .unwrap();
    let mut unanswered = TcpStream::connect(address).unwrap();
    unanswered.write_all(b"GET /2015-03-31/functions HTTP/1.1\r\nhost: localhost\r\n\r\n").unwrap();
    // The first half of the answer says that the call is under way.
    unanswered.read_exact(&mut [0; 8]).unwrap();
    signal(&child, "-INT");
    let (output, time) = ended(child);
    let message = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(0), "{message}");
    assert!(time > Duration::from_secs(1) && time < Duration::from_secs(6), "it took {time:?}");
    assert!(message.contains("Faults injected, by rule:\n       1  --rule  slow 30s on ListFunctions\n"), "{message}");
}

#[test]
fn a_second_interrupt_ends_the_server_at_once() {
    let (mut child, url) = started(&["--listen", "localhost:0"], &[]);
    let _open = {
        let mut stream = TcpStream::connect(url.trim_start_matches("http://")).unwrap();
        stream.write_all(b"GET /2015").unwrap();
        stream
    };
    let mut stderr = BufReader::new(child.stderr.take().unwrap());
    signal(&child, "-INT");
    let mut line = String::new();
    stderr.read_line(&mut line).unwrap();
    assert!(line.contains("Press Ctrl-C again to stop now"), "{line}");
    signal(&child, "-INT");
    let (output, time) = ended(child);
    assert_eq!(output.status.code(), Some(0));
    assert!(time < Duration::from_millis(1500), "it took {time:?}");
}

#[test]
fn a_rule_that_never_acted_is_seen_when_the_server_is_stopped() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("rules.txt");
    std::fs::write(&file, "# ours\nseed 3\nfail 500 before on ListFunctions at 2\n").unwrap();
    let file = file.to_str().unwrap();
    let rules = [("TRUEUP_SIM_RULE", "reset on CreateAlias\nlose on DeleteAlias")];
    let (child, url) = started(&["--listen", "0", "--faults", file, "--verbose"], &rules);
    let mut connection = Connection::open(&url).unwrap();
    let list = |connection: &mut Connection| connection.call("GET", "/2015-03-31/functions", &serde_json::Value::Null);
    assert_eq!(list(&mut connection).unwrap().0, 200);
    assert_eq!(list(&mut connection).unwrap().0, 500);
    drop(connection);
    signal(&child, "-TERM");
    let (output, _) = ended(child);
    let message = String::from_utf8(output.stderr).unwrap();
    let place = format!("{file}:3");
    let flag = format!("{:width$}", "--rule", width = place.len());
    assert!(
        message.starts_with(&format!("{place}: fail 500 before on ListFunctions at 2: ListFunctions\n")),
        "{message}"
    );
    let counts = format!(
        "Faults injected, by rule:\n       1  {place}  fail 500 before on ListFunctions at 2\n       \
         0  {flag}  reset on CreateAlias\n       0  {flag}  lose on DeleteAlias\n"
    );
    assert!(message.ends_with(&counts), "{message}");
}

#[test]
fn invalid_rules_are_reported_with_their_place() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("rules.txt");
    std::fs::write(&file, "quotas\nlose on createfunction\n").unwrap();
    let file = file.to_str().unwrap();
    let message = refused(&["--listen", "0", "--faults", file, "--rule", "stale 0"], &[]);
    assert!(message.contains(&format!("{file}:2:9: unknown operation `createfunction`")), "{message}");
    assert!(message.contains("did you mean `CreateFunction`?") && message.contains("--rule, column 7: "), "{message}");
}

#[test]
fn regions_and_accounts_are_checked_and_nothing_is_written_outside_the_folder() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let data = data.to_str().unwrap();
    for (flag, value, expected) in [
        ("--region", "../evil", "`../evil` is not a region; expected one such as us-east-1"),
        ("--region", "", "`` is not a region"),
        ("--account", "12", "`12` is not an account ID; expected 12 digits"),
        ("--account", "../123456789", "is not an account ID"),
    ] {
        let message = refused(&["--listen", "0", "--data", data, flag, value], &[]);
        assert!(message.contains(expected), "{flag} {value}: {message}");
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn an_address_may_be_short_and_is_explained() {
    for wrong in ["localhost", "example.com:9001", "127.0.0.1", ":x"] {
        let output = sim(&["--listen", wrong], &[]).output().unwrap();
        let message = String::from_utf8(output.stderr).unwrap();
        assert!(
            !output.status.success() && message.contains("127.0.0.1:9001, localhost:9001, 9001"),
            "{wrong}: {message}"
        );
    }
}

#[test]
fn the_long_help_lists_every_rule() {
    let output = sim(&["--help"], &[]).output().unwrap();
    let help = String::from_utf8(output.stdout).unwrap();
    for line in trueup::sim::FaultPlan::reference().lines().filter(|line| line.starts_with("| `")) {
        let form = line.split('`').nth(1).unwrap();
        assert!(help.contains(form), "{form} is missing in the help:\n{help}");
    }
}

/// A page that a browser shows can send requests to this machine; the server answers none, and creates nothing.
#[test]
fn web_pages_are_refused_and_other_hosts_only_answered_when_allowed() {
    let status = |url: &str, headers: &str| {
        let mut stream = TcpStream::connect(url.trim_start_matches("http://")).unwrap();
        let head = format!("GET /2015-03-31/functions HTTP/1.1\r\nconnection: close\r\n{headers}\r\n");
        stream.write_all(head.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer.split(' ').nth(1).unwrap().to_owned()
    };
    let environment = [("TRUEUP_SIM_ALLOWED_HOST", "sim.internal,host.docker.internal")];
    for (environment, expected) in [(&[][..], "403"), (&environment[..], "200")] {
        let (mut child, url) = started(&["--listen", "0"], environment);
        assert_eq!(status(&url, "host: evil.example\r\n"), "403");
        assert_eq!(status(&url, "host: localhost\r\norigin: http://localhost\r\n"), "403");
        assert_eq!(status(&url, "host: host.docker.internal:9001\r\n"), expected);
        child.kill().unwrap();
        child.wait().unwrap();
    }
    for wrong in ["sim:9001", "http://sim", "a b", "user@sim"] {
        let output = sim(&["--listen", "0", "--allowed-host", wrong], &[]).output().unwrap();
        let message = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success() && message.contains("expected a host name without a port"), "{message}");
    }
}

#[test]
fn a_policy_denies_what_it_does_not_allow_and_is_compared_with_what_was_used() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("package.zip"), crate::harness::zip(&[("app.py", "")])).unwrap();
    let spec = "version: 1\nstack: shop\nfunctions:\n  orders: {runtime: python3.13, handler: app.handler, role: \
                \"arn:aws:iam::123456789012:role/r\", code: {zip: package.zip}}\n";
    std::fs::write(folder.path().join("trueup.yaml"), spec).unwrap();
    let policy = folder.path().join("policy.json");
    let reads = r#"{"Version": "2012-10-17", "Statement": [
        {"Sid": "Read", "Effect": "Allow", "Action": ["lambda:Get*", "lambda:List*"], "Resource": "*"},
        {"Sid": "Pass", "Effect": "Allow", "Action": "iam:PassRole", "Resource": "*"}]}"#;
    std::fs::write(&policy, reads).unwrap();
    let (child, url) = started(&["--listen", "0", "--settle", "0", "--iam", policy.to_str().unwrap()], &[]);
    let apply = crate::harness::against(&url, folder.path(), &["apply", "--auto-approve"]).output().unwrap();
    let (code, text, errors) = crate::harness::ended(&apply);
    assert_eq!(code, 1, "{errors}");
    let statement = "allow lambda:CreateFunction for these credentials: {\"Effect\": \"Allow\", \"Action\": \
                     \"lambda:CreateFunction\", \"Resource\": \"arn:aws:lambda:us-east-1:123456789012:function:orders\"}";
    assert!(text.contains(statement), "{text}");
    // A plan says it of what it could not read, each with the statement that is missing.
    let denied = reads.replace("lambda:Get*\", \"lambda:List*", "lambda:ListFunctions\", \"lambda:ListTags");
    std::fs::write(folder.path().join("less.json"), denied).unwrap();
    let less = folder.path().join("less.json");
    let (other, other_url) = started(&["--listen", "0", "--settle", "0", "--iam", less.to_str().unwrap()], &[]);
    let plan = crate::harness::against(&other_url, folder.path(), &["drift"]).output().unwrap();
    let (code, text, errors) = crate::harness::ended(&plan);
    assert_eq!(code, 1, "{errors}");
    for (action, resource) in
        [("GetFunction", "arn:aws:lambda:us-east-1:123456789012:function:orders"), ("ListEventSourceMappings", "*")]
    {
        let statement =
            format!(r#"allow {{"Effect": "Allow", "Action": "lambda:{action}", "Resource": "{resource}"}}"#);
        assert!(text.contains(&statement), "{action}: {text}{errors}");
    }
    signal(&other, "-TERM");
    drop(ended(other));
    signal(&child, "-TERM");
    let message = String::from_utf8(ended(child).0.stderr).unwrap();
    let unused = "Granted by the policy, and used by no request:\n  Pass: iam:PassRole\n  Pass: *\n";
    assert!(message.ends_with(unused), "{message}");
    let rows = [
        (
            r#"{"Statement": {"Effect": "Allow", "NotAction": "*", "Resource": "*"}}"#,
            "statement 1: unknown field `NotAction`",
        ),
        (r#"{"Effect": "Allow", "Action": "*", "Resource": "*"}"#, "not an IAM policy document"),
    ];
    for (text, mistake) in rows {
        std::fs::write(&policy, text).unwrap();
        let message = refused(&["--listen", "0", "--iam", policy.to_str().unwrap()], &[]);
        assert!(message.contains("policy.json") && message.contains(mistake), "{message}");
    }
}
