//! What has been read from Lambda so far: the replies to read calls, found again by the call that asked.

use std::collections::HashMap;

use super::{Call, Class, Failure, Operation, Reply};

/// The answer to one read: all its pages, or why there are none.
#[derive(Clone, Debug)]
pub enum Answer {
    /// Every page, in order.
    Pages(Vec<Reply>),
    /// The read failed; [`Class::Gone`] is an answer as good as any.
    Failed(Failure),
    /// An account-wide listing was given up because reading one by one is cheaper.
    GivenUp,
}

/// Why a reply cannot be had.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Unread {
    /// Nobody has asked yet; ask and come again.
    #[error("{0} has not been read")]
    NotAsked(&'static str),
    /// The listing was given up for single reads.
    #[error("the listing {0} was given up")]
    GivenUp(&'static str),
    /// The read failed, so nothing is known: never to be taken for absence.
    #[error(transparent)]
    Failed(Failure),
}

/// The replies to every read of a run.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    answers: HashMap<String, Answer>,
    account_wide: bool,
}

impl Seen {
    /// Nothing read yet; `account_wide` if listings of the whole account are likely to be cheaper than single reads.
    pub fn new(account_wide: bool) -> Self {
        Seen { answers: HashMap::new(), account_wide }
    }

    /// Whether kinds should ask for listings of the whole account instead of one reading a function.
    pub fn account_wide(&self) -> bool {
        self.account_wide
    }

    /// Notes the answer to a call.
    pub fn note(&mut self, call: &Call, answer: Answer) {
        self.answers.insert(call.identity(), answer);
    }

    /// Whether the call has been answered, in whichever way.
    pub fn has(&self, call: &Call) -> bool {
        self.answers.contains_key(&call.identity())
    }

    /// All pages of a listing; empty if what is listed does not exist.
    pub fn pages<O: Operation>(&self, call: O) -> Result<Vec<&O::Output>, Unread> {
        let call = call.call();
        match self.answers.get(&call.identity()) {
            None => Err(Unread::NotAsked(call.operation())),
            Some(Answer::GivenUp) => Err(Unread::GivenUp(call.operation())),
            Some(Answer::Failed(failure)) if failure.class == Class::Gone => Ok(Vec::new()),
            Some(Answer::Failed(failure)) => Err(Unread::Failed(failure.clone())),
            Some(Answer::Pages(replies)) => Ok(replies.iter().filter_map(O::reply).collect()),
        }
    }

    /// The reply to a single read; `None` if what was asked for does not exist.
    pub fn reply<O: Operation>(&self, call: O) -> Result<Option<&O::Output>, Unread> {
        Ok(self.pages(call)?.into_iter().next())
    }
}
