//! Promise: what an earlier run wrote of a secret is hidden in the plans of later ones.

use std::time::Duration;

use trueup::apply::{EventSender, Verdict};
use trueup::declaration::Inputs;
use trueup::files::Disk;
use trueup::observe::Depth;
use trueup::plan::Limits;
use trueup::plan::saved::Binding;
use trueup::session::{ServerOptions, Session, SessionOptions, SimulatorOptions};

use crate::harness::{Fixture, block_on, shown};

#[test]
fn a_secret_of_the_run_that_an_earlier_spec_put_into_the_open_is_hidden() {
    let fixture = Fixture::new();
    let spec = |description: &str, tag: &str| {
        format!(
            "version: 1\nstack: shop\nfunctions:\n  f: {{runtime: python3.13, handler: app.handler, \
             role: \"arn:aws:iam::123456789012:role/r\", code: {{zip: package.zip}}, description: \"{description}\", \
             tags: {{note: \"{tag}\"}}, environment: {{variables: {{TOKEN: \"${{env.TOKEN}}\"}}}}}}\n"
        )
    };
    let secret = "ghp-S3cr3tTok3nAbc";
    block_on(async {
        applied(&fixture, &spec("t ${env.TOKEN}", "${env.TOKEN}"), secret).await;
        let session = open(&fixture, &spec("plain", "none"), secret).await;
        let plan = session.plan(Depth::Declared).await.unwrap().plan;
        assert_eq!(plan.resources[0].changes.len(), 2, "{}", shown(&plan));
        let saved = plan.sealed(&Binding::of(session.stack()));
        let json = serde_json::to_string(&plan.masked()).unwrap();
        for text in [shown(&plan), json, saved.to_json()] {
            assert!(!text.contains(secret), "{text}");
        }
        assert_eq!(session.verify(&saved, None, &EventSender::default()).await.unwrap().0.differences, []);
    });
}

/// Opens a session with a spec, and with this value in the environment.
async fn open(fixture: &Fixture, text: &str, token: &str) -> Session {
    let file = fixture.folder.path().join("stack.yaml");
    std::fs::write(&file, text).unwrap();
    let environment = [("TOKEN".to_owned(), token.to_owned())].into();
    let folder = Some(fixture.folder.path().join("account"));
    let simulator = SimulatorOptions { folder, region: None, settle: Some(Duration::ZERO) };
    let options = SessionOptions {
        inputs: Inputs { files: vec![file], environment, ..Inputs::default() },
        server: ServerOptions::Simulator(simulator),
        ..SessionOptions::default()
    };
    Session::open(options, &Disk).await.unwrap()
}

/// Applies a spec in a session.
async fn applied(fixture: &Fixture, text: &str, token: &str) {
    let session = open(fixture, text, token).await;
    let approved = session.plan(Depth::Declared).await.unwrap().approve(&Limits::default()).unwrap();
    let report = session.apply(approved, Default::default(), Default::default()).await;
    assert_eq!(report.verdict(), Verdict::Applied);
}

#[test]
fn a_former_secret_is_hidden_also_where_lambda_has_copied_it() {
    let fixture = Fixture::new();
    let spec = "version: 1\nstack: shop\nfunctions:\n  f: {runtime: python3.13, handler: app.handler, \
                role: \"arn:aws:iam::123456789012:role/r\", code: {zip: package.zip}, publish: true, \
                description: \"d ${env.TOKEN}\"}\n";
    block_on(async {
        let former = "Gh0-RotatedSecret";
        applied(&fixture, spec, former).await;
        let session = open(&fixture, spec, "newsecret99").await;
        let plan = session.plan(Depth::Declared).await.unwrap().plan;
        let json = serde_json::to_string(&plan.masked()).unwrap();
        for text in [shown(&plan), json, plan.sealed(&Binding::of(session.stack())).to_json()] {
            assert!(!text.contains(former), "{text}");
        }
    });
}
