//! What has been read from Lambda so far: the replies to read calls, found again by the call that asked.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use super::{Call, Failure, FailureClass, Reply, TypedCall};

/// The answer to one read: all its pages, or why there are none.
#[derive(Clone, Debug)]
pub enum ReadResult {
    /// Every page, in order.
    Pages(Vec<Reply>),
    /// The read failed; [`FailureClass::NotFound`] is an answer as good as any.
    Failed(Failure),
    /// An account-wide listing was given up because reading one by one is cheaper.
    GivenUp,
}

/// Why a reply cannot be had.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum ReadError {
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
pub struct ReadCache {
    answers: HashMap<String, ReadResult>,
    account_wide: bool,
    tables: Tables,
}

/// What was worked out from answers, so that a long listing is not searched once for every resource.
#[derive(Default)]
struct Tables(Mutex<HashMap<(String, TypeId), Arc<dyn Any + Send + Sync>>>);

impl Clone for Tables {
    fn clone(&self) -> Self {
        // The copy will see other answers.
        Tables::default()
    }
}

impl fmt::Debug for Tables {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tables")
    }
}

impl ReadCache {
    /// Nothing read yet; `account_wide` if listings of the whole account are likely to be cheaper than single reads.
    pub fn new(account_wide: bool) -> Self {
        ReadCache { account_wide, ..ReadCache::default() }
    }

    /// Whether kinds should ask for listings of the whole account instead of one reading a function.
    pub fn account_wide(&self) -> bool {
        self.account_wide
    }

    /// Notes the answer to a call.
    pub fn note(&mut self, call: &Call, answer: ReadResult) {
        self.tables = Tables::default();
        self.answers.insert(call.identity(), answer);
    }

    /// Whether the call has been answered, in whichever way.
    pub fn has(&self, call: &Call) -> bool {
        self.answers.contains_key(&call.identity())
    }

    /// All pages of a listing; empty if what is listed does not exist.
    pub fn pages<O: TypedCall>(&self, call: O) -> Result<Vec<&O::Output>, ReadError> {
        let call = call.call();
        match self.answers.get(&call.identity()) {
            None => Err(ReadError::NotAsked(call.operation().name())),
            Some(ReadResult::GivenUp) => Err(ReadError::GivenUp(call.operation().name())),
            Some(ReadResult::Failed(failure)) if failure.class == FailureClass::NotFound => Ok(Vec::new()),
            Some(ReadResult::Failed(failure)) => Err(ReadError::Failed(failure.clone())),
            Some(ReadResult::Pages(replies)) => Ok(replies.iter().filter_map(O::reply).collect()),
        }
    }

    /// The reply to a single read; `None` if what was asked for does not exist.
    pub fn reply<O: TypedCall>(&self, call: O) -> Result<Option<&O::Output>, ReadError> {
        Ok(self.pages(call)?.into_iter().next())
    }

    /// What `make` works out from all pages of a listing, worked out once until another answer is noted.
    pub fn table<O: TypedCall + Clone, T: Send + Sync + 'static>(
        &self,
        call: O,
        make: impl FnOnce(&[&O::Output]) -> T,
    ) -> Result<Arc<T>, ReadError> {
        let key = (call.clone().call().identity(), TypeId::of::<T>());
        let made = self.tables.0.lock().unwrap_or_else(PoisonError::into_inner).get(&key).cloned();
        if let Some(table) = made.and_then(|table| table.downcast::<T>().ok()) {
            return Ok(table);
        }
        let table = Arc::new(make(&self.pages(call)?));
        self.tables.0.lock().unwrap_or_else(PoisonError::into_inner).insert(key, table.clone());
        Ok(table)
    }
}
