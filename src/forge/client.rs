//! Sends requests to a forge: waits where it asks for that, and tries again what had no effect.

use std::time::Duration;

use tokio::sync::OnceCell;
use tokio::time::sleep;

use super::requests::{PAGE, entries, message, user_name};
use super::{CommitStatus, ForgeKind, ForgeRepository, PostedText, TextEnd, TextPlace};
use crate::cloud::{WebClient, WebRequest, WebResponse};

/// The most attempts of a request, or of writing a text.
const ATTEMPTS: u32 = 5;

/// The first pause after a failure; each further one is twice as long.
const PAUSE: Duration = Duration::from_millis(500);

/// The longest pause that a forge may ask for.
const LONGEST: u64 = 120;

/// The pause if a forge allows no more requests and does not say for how long.
const EXHAUSTED: u64 = 60;

/// The most pages of a list that are read.
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
    #[error("{forge} sent no list of {what}; is this the base of its API?")]
    NoList {
        /// The forge.
        forge: ForgeKind,
        /// What was to be listed.
        what: &'static str,
    },
}

impl ForgeError {
    /// Returns the way out, if there is one.
    pub fn hint(&self) -> Option<&'static str> {
        let ForgeError::Refused { forge, status, .. } = self else { return None };
        match (forge, status) {
            (ForgeKind::Github, 401 | 403) => Some(
                "the token needs `pull-requests: write` and `statuses: write`, or `issues: write` for drift; those of forks have \
                 none, so comment from a workflow that the fork does not control",
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

/// A repository of a forge, and the client that sends to it.
#[derive(Debug)]
pub struct Forge {
    repository: ForgeRepository,
    client: WebClient,
    /// The name of the token's user; `None` if it is that of a program, which may not ask.
    user: OnceCell<Option<String>>,
}

impl Forge {
    /// A forge, to which nothing has been sent.
    pub fn new(repository: ForgeRepository) -> Forge {
        Forge { repository, client: WebClient::default(), user: OnceCell::new() }
    }

    /// Writes the text of a list that begins with `marker`: replaces it where it is, or creates it.
    ///
    /// # Errors
    /// The last of several attempts failed.
    pub async fn write(&self, place: TextPlace<'_>, marker: &str, body: &str) -> Result<TextEnd, ForgeError> {
        let (mut attempt, mut sent) = (1, TextEnd::Unchanged);
        loop {
            // Read again each time: a creation without a response may have had its effect.
            let (request, end) = match self.find(place, marker).await? {
                Some(entry) if entry.body.trim_end() == body.trim_end() => return Ok(sent),
                Some(entry) => (self.repository.update(place, entry.id, body), TextEnd::Updated),
                None => (self.repository.create(place, body), TextEnd::Created),
            };
            match self.send(&request, &format!("write the {}", place.one())).await {
                Ok(_) => return Ok(end),
                Err(Attempt::Again(_, after)) if attempt < ATTEMPTS => pause(attempt, after).await,
                Err(Attempt::Again(error, _) | Attempt::Final(error)) => return Err(error),
            }
            (attempt, sent) = (attempt + 1, end);
        }
    }

    /// Returns true if a list has a text that begins with `marker`.
    ///
    /// # Errors
    /// The list cannot be read.
    pub async fn has(&self, place: TextPlace<'_>, marker: &str) -> Result<bool, ForgeError> {
        Ok(self.find(place, marker).await?.is_some())
    }

    /// Closes the open issue that begins with `marker`, with a last text. Returns false if there is none.
    ///
    /// # Errors
    /// The last of several attempts failed.
    pub async fn close_issue(&self, marker: &str, body: &str) -> Result<bool, ForgeError> {
        let Some(issue) = self.find(TextPlace::Issues(""), marker).await? else { return Ok(false) };
        // To close it a second time changes nothing.
        self.repeat(&self.repository.close(issue.id, body), "close the issue").await.map(|_| true)
    }

    /// Sets the status of a commit.
    ///
    /// # Errors
    /// The last of several attempts failed.
    pub async fn set_status(&self, status: &CommitStatus) -> Result<(), ForgeError> {
        // A second one with the same words is the same status.
        self.repeat(&self.repository.status(status), "set the status").await.map(|_| ())
    }

    /// Finds the text of a list that begins with `marker` and is our own: whoever may comment can write a marker too.
    async fn find(&self, place: TextPlace<'_>, marker: &str) -> Result<Option<PostedText>, ForgeError> {
        for page in 1..=PAGES {
            let what = format!("list the {}", place.many());
            let response = self.repeat(&self.repository.list(place, page), &what).await?;
            let forge = self.repository.kind;
            let no_list = ForgeError::NoList { forge, what: place.many() };
            let (entries, count) = entries(forge, place, &response.body).ok_or(no_list)?;
            for entry in entries.into_iter().filter(|entry| entry.body.starts_with(marker)) {
                if self.is_own(&entry).await? {
                    return Ok(Some(entry));
                }
            }
            if count < PAGE {
                break;
            }
        }
        Ok(None)
    }

    /// Returns true if a text is one of the token's user.
    async fn is_own(&self, entry: &PostedText) -> Result<bool, ForgeError> {
        let ask = || async {
            match self.repeat(&self.repository.user(), "say whose the token is").await {
                Ok(response) => Ok(Some(user_name(&serde_json::from_slice(&response.body).unwrap_or_default()))),
                // The token of a workflow is that of an app, of which GitHub says no more than that it is a bot.
                Err(ForgeError::Refused { forge: ForgeKind::Github, status: 403 | 404, .. }) => Ok(None),
                Err(error) => Err(error),
            }
        };
        Ok(match self.user.get_or_try_init(ask).await? {
            Some(user) => *user == entry.author,
            None => entry.is_of_bot,
        })
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
        let forge = self.repository.kind;
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

impl TextPlace<'_> {
    fn one(self) -> &'static str {
        match self {
            TextPlace::Comments(_) => "comment",
            TextPlace::Issues(_) => "issue",
        }
    }

    fn many(self) -> &'static str {
        match self {
            TextPlace::Comments(_) => "comments",
            TextPlace::Issues(_) => "issues",
        }
    }
}

/// Waits as long as the forge asks for, or longer from attempt to attempt.
async fn pause(attempt: u32, after: Option<u64>) {
    sleep(after.map_or(PAUSE * 2u32.pow(attempt - 1), |seconds| Duration::from_secs(seconds.min(LONGEST)))).await;
}
