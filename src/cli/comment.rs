//! `trueup comment`: shows a saved plan in its pull request.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::pipeline::{github_event, pipeline_page, variable};
use super::report_files::TemplateArgs;
use super::{CommandError, ErrorKind, Exit, output, quoted, show};
use crate::forge::{CommentEnd, CommitState, CommitStatus, Forge, ForgeError, ForgeKind, ReviewRequest};
use crate::model::visible;
use crate::plan::saved::SavedPlans;
use crate::show::plan::summary;
use crate::show::reports::markdown::{marker, render_parts};
use crate::show::reports::{PlanReport, ReportedPlan};

const EXAMPLES: &str = "\
Examples:
  trueup comment --plan plan.json
  trueup comment --plan plan.json --forge gitlab --repo shop/infra --number 7";

/// Show a saved plan in a comment of its pull request
///
/// The comment of a stack and its targets is found again and updated in place. The token is read from GITHUB_TOKEN, GH_TOKEN or
/// GITLAB_TOKEN, and everything else from the pipeline, unless it is given. Sets the status of the commit too.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct CommentCommand {
    /// Read the plan from this file, written by `plan --out`
    #[arg(long, value_name = "FILE")]
    plan: PathBuf,
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
    /// Reach the API at this base, such as that of an own server
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
        let (plans, digest) = show::read(&self.plan, "plan")?;
        let report = self.report(plans, digest);
        let request = self.review_request()?;
        let commit = self.commit(request.kind);
        let (forge, kind) = (Forge::new(request), self.kind());
        let is_quiet = self.skip_no_changes && report.plans.iter().all(|it| it.plan.is_empty());
        let own = marker(&report, 1);
        if is_quiet && !forge.has_comment(&own).await.map_err(failed)? {
            output::print("No changes, and no comment to update.\n")?;
        } else {
            let most = usize::from(self.max_comments);
            let parts = render_parts(&report, &template, most).map_err(anyhow::Error::from)?;
            let mut ends = Vec::new();
            for number in 1..=most {
                let marker = marker(&report, number);
                match parts.get(number - 1) {
                    Some(part) => ends.push(forge.write_comment(&marker, part).await.map_err(failed)?),
                    // What an earlier and longer plan has written must not be taken for this one.
                    None if forge.has_comment(&marker).await.map_err(failed)? => {
                        let text = format!("{marker}\n{NOT_NEEDED}\n");
                        forge.write_comment(&marker, &text).await.map_err(failed)?;
                    }
                    None => {}
                }
            }
            let end = match ends.first() {
                Some(CommentEnd::Created) => "Created",
                Some(CommentEnd::Updated) => "Updated",
                Some(CommentEnd::Unchanged) | None => "Nothing new for",
            };
            let kind = kind.map_or_else(String::new, |kind| format!(" on {kind}"));
            output::print(&format!("{end} the comment{kind}.\n"))?;
        }
        if let Some(commit) = commit.filter(|_| !self.no_status) {
            forge.set_status(&status(&report, commit)).await.map_err(failed)?;
        }
        Ok(Exit::Success)
    }

    fn report(&self, plans: SavedPlans, digest: String) -> PlanReport {
        let reported = |(target, plan): (Option<String>, crate::plan::SealedPlan)| ReportedPlan {
            target,
            plan: plan.masked(),
            places: Default::default(),
            dependencies: Vec::new(),
        };
        PlanReport {
            plans: plans.0.into_iter().map(reported).collect(),
            failed: Vec::new(),
            digest: Some(digest),
            apply_command: Some(format!("trueup apply {}", quoted::word(&self.plan.to_string_lossy()))),
            link: pipeline_page(),
        }
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

    /// Returns the pull request, from the arguments and the pipeline.
    fn review_request(&self) -> Result<ReviewRequest, CommandError> {
        let missing = |what: &str, hint: &str| {
            CommandError::message(ErrorKind::Failed, format!("{what} is not known")).hint(hint)
        };
        let kind = self.kind().ok_or_else(|| missing("the forge", "pass --forge"))?;
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
            let message = format!("`{}` is no name of a repository", quoted::argument(&project));
            return Err(CommandError::message(ErrorKind::Failed, message).hint("pass one such as shop/infra"));
        }
        let number = self.number.or_else(|| match kind {
            ForgeKind::Github => github_event().and_then(|event| event["pull_request"]["number"].as_u64()),
            ForgeKind::Gitlab => variable("CI_MERGE_REQUEST_IID")?.parse().ok(),
        });
        let number = number.ok_or_else(|| missing("the pull request", "run in its pipeline, or pass --number"))?;
        let api = self.api_url.clone().or(api).unwrap_or_default();
        Ok(ReviewRequest { kind, api, project, number, token })
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

/// Returns the status that a plan gives its commit.
fn status(report: &PlanReport, commit: String) -> CommitStatus {
    let refused = report.plans.iter().any(|it| !it.plan.refusals.is_empty());
    let stacks: Vec<String> = report.plans.iter().map(ReportedPlan::title).collect();
    let summaries: Vec<String> = report.plans.iter().map(|it| summary(&it.plan)).collect();
    CommitStatus {
        commit,
        state: if refused { CommitState::Failure } else { CommitState::Success },
        context: format!("trueup/{}", stacks.join(",")),
        description: if refused { "The plan is refused.".to_owned() } else { summaries.join(" ") },
        link: report.link.clone(),
    }
}

fn failed(error: ForgeError) -> CommandError {
    let hint = error.hint();
    let error = CommandError::message(ErrorKind::Failed, visible(&error.to_string()).into_owned());
    match hint {
        Some(hint) => error.hint(hint),
        None => error,
    }
}
