//! Sends requests to a forge: waits where it asks for that, and tries again what had no effect.

use std::time::Duration;

use tokio::time::sleep;

use super::requests::{PAGE, comments, message};
use super::{Comment, CommentEnd, CommitStatus, ForgeKind, ReviewRequest};
use crate::cloud::{WebClient, WebRequest, WebResponse};

/// The most attempts of a request, or of writing a comment.
const ATTEMPTS: u32 = 5;

/// The first pause after a failure; each further one is twice as long.
const PAUSE: Duration = Duration::from_millis(500);

/// The longest pause that a forge may ask for.
const LONGEST: u64 = 120;

/// The pause if a forge allows no more requests and does not say for how long.
const EXHAUSTED: u64 = 60;

/// The most pages of comments that are read: a pull request with more has no place for another.
const PAGES: usize = 100;

/// A request that a forge did not carry out.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ForgeError {
    /// There is no response.
    #[error("{forge} could not be reached: {cause}")]
    NoResponse {
        /// The forge.
        forge: ForgeKind,
        /// The cause.
        cause: String,
    },
    /// It refused or failed.
    #[error("{forge} answered {status} to {what}{}", .words.as_ref().map_or_else(String::new, |words| format!(": {words}")))]
    Refused {
        /// The forge.
        forge: ForgeKind,
        /// The status.
        status: u16,
        /// What was asked of it.
        what: String,
        /// Its words.
        words: Option<String>,
    },
    /// Its response is not what its API promises.
    #[error("{forge} sent no list of comments; is this the base of its API?")]
    NoComments {
        /// The forge.
        forge: ForgeKind,
    },
}

impl ForgeError {
    /// Returns the way out, if there is one.
    pub fn hint(&self) -> Option<&'static str> {
        let ForgeError::Refused { forge, status, .. } = self else { return None };
        match (forge, status) {
            (ForgeKind::Github, 401 | 403) => Some(
                "the token needs `pull-requests: write` and `statuses: write`; those of forks have neither, so comment from a \
                 workflow that the fork does not control",
            ),
            (ForgeKind::Gitlab, 401 | 403) => {
                Some("the token needs the scope `api`; a job token cannot write comments")
            }
            (_, 404) => {
                Some("check --repo and --number; a token that may not read a repository is answered with 404 too")
            }
            _ => None,
        }
    }
}

/// A request that failed, and whether it may have had an effect.
enum Attempt {
    Again(ForgeError, Option<u64>),
    Final(ForgeError),
}

/// A forge with a pull request.
#[derive(Debug)]
pub struct Forge {
    request: ReviewRequest,
    client: WebClient,
}

impl Forge {
    /// A forge, to which nothing has been sent.
    pub fn new(request: ReviewRequest) -> Forge {
        Forge { request, client: WebClient::default() }
    }

    /// Writes the comment that begins with `marker`: replaces it where it is, or creates it.
    ///
    /// # Errors
    /// The last of several attempts failed.
    pub async fn write_comment(&self, marker: &str, body: &str) -> Result<CommentEnd, ForgeError> {
        let mut attempt = 1;
        loop {
            // Read again each time: a creation without a response may have had its effect.
            let existing = self.comments().await?.into_iter().find(|comment| comment.body.starts_with(marker));
            let (request, end) = match &existing {
                Some(comment) if comment.body.trim_end() == body.trim_end() => return Ok(CommentEnd::Unchanged),
                Some(comment) => (self.request.update(comment.id, body), CommentEnd::Updated),
                None => (self.request.create(body), CommentEnd::Created),
            };
            match self.send(&request, "write the comment").await {
                Ok(_) => return Ok(end),
                Err(Attempt::Again(_, after)) if attempt < ATTEMPTS => pause(attempt, after).await,
                Err(Attempt::Again(error, _) | Attempt::Final(error)) => return Err(error),
            }
            attempt += 1;
        }
    }

    /// Returns true if there is a comment that begins with `marker`.
    ///
    /// # Errors
    /// The comments cannot be read.
    pub async fn has_comment(&self, marker: &str) -> Result<bool, ForgeError> {
        Ok(self.comments().await?.iter().any(|comment| comment.body.starts_with(marker)))
    }

    /// Sets the status of a commit.
    ///
    /// # Errors
    /// The last of several attempts failed.
    pub async fn set_status(&self, status: &CommitStatus) -> Result<(), ForgeError> {
        // A second one with the same words is the same status.
        self.repeat(&self.request.status(status), "set the status").await.map(|_| ())
    }

    async fn comments(&self) -> Result<Vec<Comment>, ForgeError> {
        let mut all = Vec::new();
        for page in 1..=PAGES {
            let response = self.repeat(&self.request.list(page), "list the comments").await?;
            let found = comments(&response.body).ok_or(ForgeError::NoComments { forge: self.request.kind })?;
            let is_last = found.len() < PAGE;
            all.extend(found);
            if is_last {
                break;
            }
        }
        Ok(all)
    }

    /// Sends a request that may be repeated.
    async fn repeat(&self, request: &WebRequest, what: &str) -> Result<WebResponse, ForgeError> {
        let mut attempt = 1;
        loop {
            match self.send(request, what).await {
                Err(Attempt::Again(_, after)) if attempt < ATTEMPTS => pause(attempt, after).await,
                Err(Attempt::Again(error, _) | Attempt::Final(error)) => return Err(error),
                Ok(response) => return Ok(response),
            }
            attempt += 1;
        }
    }

    async fn send(&self, request: &WebRequest, what: &str) -> Result<WebResponse, Attempt> {
        let forge = self.request.kind;
        let response = self
            .client
            .send(request)
            .await
            .map_err(|error| Attempt::Again(ForgeError::NoResponse { forge, cause: error.to_string() }, None))?;
        let words = Some(message(&response.body)).filter(|words| !words.is_empty());
        let refused = ForgeError::Refused { forge, status: response.status, what: what.to_owned(), words };
        match response.status {
            200..300 => Ok(response),
            429 => Err(Attempt::Again(refused, Some(response.retry_after.unwrap_or(EXHAUSTED)))),
            403 if response.is_exhausted || response.retry_after.is_some() => {
                Err(Attempt::Again(refused, Some(response.retry_after.unwrap_or(EXHAUSTED))))
            }
            500.. => Err(Attempt::Again(refused, response.retry_after)),
            _ => Err(Attempt::Final(refused)),
        }
    }
}

/// Waits as long as the forge asks for, or longer from attempt to attempt.
async fn pause(attempt: u32, after: Option<u64>) {
    sleep(after.map_or(PAUSE * 2u32.pow(attempt - 1), |seconds| Duration::from_secs(seconds.min(LONGEST)))).await;
}
