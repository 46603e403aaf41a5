//! `trueup comment`: shows a saved plan in its pull request, and drift in an issue.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::drift_issue;
use super::pipeline::{github_event, pipeline_page, variable};
use super::report_files::TemplateArgs;
use super::{CommandError, ErrorKind, Exit, output, quoted, show};
use crate::forge::{CommitState, CommitStatus, Forge, ForgeKind, ForgeRepository, TextEnd, TextPlace};
use crate::model::NotChecked;
use crate::show::plan::summary;
use crate::show::reports::markdown::{marker, render_parts};
use crate::show::reports::{PlanReport, ReportedPlan};

const EXAMPLES: &str = "\
Examples:
  trueup comment --plan plan.json
  trueup comment --plan plan.json --forge gitlab --repo shop/infra --number 7
  trueup comment --drift drift.json";

/// Show a plan in a comment of its pull request, or drift in an issue
///
/// The comment of a stack and its targets is found again and updated in place, and the status of the commit is set. The issue is opened
/// when there is drift and closed when there is none. The token is read from GITHUB_TOKEN, GH_TOKEN or GITLAB_TOKEN, and everything
/// else from the pipeline, unless it is given.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct CommentCommand {
    /// Read the plan from this file, of `plan --out` or `plan --output json=`
    #[arg(long, value_name = "FILE", required_unless_present = "drift")]
    plan: Option<PathBuf>,
    /// Read the drift from this file, of `drift --output json=`
    #[arg(long, value_name = "FILE", conflicts_with = "plan")]
    drift: Option<PathBuf>,
    /// Write to this forge instead of the one of the pipeline
    #[arg(long, env = "TRUEUP_FORGE")]
    forge: Option<ForgeName>,
    /// Write to this repository, such as shop/infra
    #[arg(long, value_name = "NAME", env = "TRUEUP_REPO")]
    repo: Option<String>,
    /// Write to the pull request of this number
    #[arg(long, value_name = "N", env = "TRUEUP_NUMBER")]
    number: Option<u64>,
    /// Set the status of this commit
    #[arg(long, value_name = "SHA", env = "TRUEUP_COMMIT")]
    commit: Option<String>,
    /// Reach the API at this base, e.g. of your own server
    #[arg(long, value_name = "URL", env = "TRUEUP_API_URL")]
    api_url: Option<String>,
    /// Set no status
    #[arg(long, env = "TRUEUP_NO_STATUS")]
    no_status: bool,
    /// Write no new comment about a plan without changes
    #[arg(long, env = "TRUEUP_SKIP_NO_CHANGES")]
    skip_no_changes: bool,
    /// Divide a long plan into this many comments at most
    #[arg(long, value_name = "N", env = "TRUEUP_MAX_COMMENTS", default_value_t = 3, value_parser = clap::value_parser!(u8).range(1..=20))]
    max_comments: u8,
    #[command(flatten)]
    template: TemplateArgs,
}

/// The name of a forge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum ForgeName {
    Github,
    Gitlab,
}

/// The text of a comment that a shorter plan no longer needs.
const NOT_NEEDED: &str = "The plan has become shorter; this part of it is empty now.";

impl CommentCommand {
    /// Runs the command.
    pub async fn run(self) -> Result<Exit, CommandError> {
        let template = self.template.read()?;
        match (&self.plan, &self.drift) {
            (_, Some(path)) => {
                let report = drift_issue::read(path)?;
                drift_issue::write(&Forge::new(self.repository()?), &report).await?;
            }
            (Some(path), None) => self.comment(path, &template).await?,
            (None, None) => {}
        }
        Ok(Exit::Success)
    }

    /// Writes the comment of a plan.
    async fn comment(&self, path: &Path, template: &str) -> Result<(), CommandError> {
        let (mut report, digest) = show::read_report(path)?;
        // A plan that was not saved, because it is refused or one of several is missing, has no digest and is not applied.
        if report.failed.is_empty() && report.plans.iter().all(|it| it.plan.provenance.is_some()) {
            report.digest = Some(digest);
            report.apply_command = Some(format!("trueup apply {}", quoted::word(&path.to_string_lossy())));
        }
        report.link = pipeline_page();
        let repository = self.repository()?;
        let place = TextPlace::Comments(self.pull_request(repository.kind)?);
        let commit = self.commit(repository.kind);
        let (forge, kind) = (Forge::new(repository), self.kind());
        let is_quiet = self.skip_no_changes && report.plans.iter().all(|it| it.plan.is_empty());
        let own = marker(&report, 1);
        if is_quiet && !forge.has(place, &own).await? {
            output::print("No changes, and no comment to update.\n")?;
        } else {
            let most = usize::from(self.max_comments);
            let parts = render_parts(&report, template, most).map_err(anyhow::Error::from)?;
            let mut ends = Vec::new();
            for (number, part) in (1..).zip(&parts) {
                ends.push(forge.write(place, &marker(&report, number), part).await?);
            }
            // What an earlier and longer plan has written must not be taken for this one.
            for number in parts.len() + 1.. {
                let marker = marker(&report, number);
                if !forge.has(place, &marker).await? {
                    break;
                }
                forge.write(place, &marker, &format!("{marker}\n{NOT_NEEDED}\n")).await?;
            }
            let end = match ends.first() {
                Some(TextEnd::Created) => "Created",
                Some(TextEnd::Updated) => "Updated",
                Some(TextEnd::Unchanged) | None => "Nothing new for",
            };
            let kind = kind.map_or_else(String::new, |kind| format!(" on {kind}"));
            output::print(&format!("{end} the comment{kind}.\n"))?;
        }
        match commit.filter(|_| !self.no_status) {
            Some(commit) => forge.set_status(&status(&report, commit)).await?,
            None if self.no_status => {}
            None => output::eprint("note: no status is set, because the commit is not known: pass --commit"),
        }
        Ok(())
    }

    /// Returns the forge that is named, or that of the pipeline.
    fn kind(&self) -> Option<ForgeKind> {
        match self.forge {
            Some(ForgeName::Github) => Some(ForgeKind::Github),
            Some(ForgeName::Gitlab) => Some(ForgeKind::Gitlab),
            None if variable("GITHUB_REPOSITORY").is_some() => Some(ForgeKind::Github),
            None if variable("CI_PROJECT_ID").is_some() => Some(ForgeKind::Gitlab),
            None => None,
        }
    }

    /// Returns the repository, from the arguments and the pipeline.
    fn repository(&self) -> Result<ForgeRepository, CommandError> {
        let kind = self.kind().ok_or_else(|| missing("the forge", "pass --forge github or --forge gitlab"))?;
        let (tokens, api, project): (&[&str], _, _) = match kind {
            ForgeKind::Github => (
                &["GITHUB_TOKEN", "GH_TOKEN"],
                variable("GITHUB_API_URL").or_else(|| Some("https://api.github.com".to_owned())),
                variable("GITHUB_REPOSITORY"),
            ),
            ForgeKind::Gitlab => (
                &["GITLAB_TOKEN"],
                variable("CI_API_V4_URL").or_else(|| Some("https://gitlab.com/api/v4".to_owned())),
                variable("CI_PROJECT_ID"),
            ),
        };
        let token = tokens.iter().find_map(|name| variable(name));
        let token = token.ok_or_else(|| missing("the token", &format!("set {}", tokens.join(" or "))))?;
        let project = self.repo.clone().or(project).ok_or_else(|| missing("the repository", "pass --repo"))?;
        let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "-._/".contains(letter);
        if !project.chars().all(is_plain) || project.split('/').any(|part| matches!(part, "" | "." | "..")) {
            let message = format!("`{}` is not the name of a repository", quoted::argument(&project));
            return Err(CommandError::message(ErrorKind::Failed, message).hint("pass one such as shop/infra"));
        }
        let api = self.api_url.clone().or(api).unwrap_or_default();
        Ok(ForgeRepository { kind, api, project, token })
    }

    /// Returns the number of the pull request.
    fn pull_request(&self, kind: ForgeKind) -> Result<u64, CommandError> {
        let number = self.number.or_else(|| match kind {
            ForgeKind::Github => github_event().and_then(|event| event["pull_request"]["number"].as_u64()),
            ForgeKind::Gitlab => variable("CI_MERGE_REQUEST_IID")?.parse().ok(),
        });
        number.ok_or_else(|| missing("the pull request", "run in its pipeline, or pass --number"))
    }

    /// Returns the commit whose status is set: the newest of the pull request, and not one that a pipeline merged for itself.
    fn commit(&self, kind: ForgeKind) -> Option<String> {
        self.commit.clone().or_else(|| match kind {
            ForgeKind::Github => {
                let of_event = || Some(github_event()?["pull_request"]["head"]["sha"].as_str()?.to_owned());
                of_event().or_else(|| variable("GITHUB_SHA"))
            }
            ForgeKind::Gitlab => variable("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA").or_else(|| variable("CI_COMMIT_SHA")),
        })
    }
}

fn missing(what: &str, hint: &str) -> CommandError {
    CommandError::message(ErrorKind::Failed, format!("{what} is not known")).hint(hint)
}

/// Returns the status that a plan gives its commit.
fn status(report: &PlanReport, commit: String) -> CommitStatus {
    let refused = report.plans.iter().any(|it| !it.plan.refusals.is_empty());
    let unread = report.plans.iter().any(|it| it.plan.not_compared.iter().any(NotChecked::is_unreadable));
    let problem = match (report.failed.is_empty(), refused, unread) {
        (false, ..) => Some("A target has no plan."),
        (true, true, _) => Some("The plan is refused."),
        (true, false, true) => Some("Something could not be read."),
        (true, false, false) => None,
    };
    let stacks: Vec<String> = report.plans.iter().map(ReportedPlan::title).collect();
    let summaries: Vec<String> = report.plans.iter().map(|it| summary(&it.plan)).collect();
    CommitStatus {
        commit,
        state: if problem.is_some() { CommitState::Failure } else { CommitState::Success },
        context: format!("trueup/{}", stacks.join(",")),
        description: problem.map_or_else(|| summaries.join(" "), str::to_owned),
        link: report.link.clone(),
    }
}
