//! The replies to reads, looked up by the call.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use super::{Call, Failure, FailureClass, Reply, TypedCall};

/// The result of one read: all its pages, or the reason why there are none.
#[derive(Clone, Debug)]
pub enum ReadResult {
    /// Every page, in order.
    Pages(Vec<Reply>),
    /// The read failed; [`FailureClass::NotFound`] is a result like any other.
    Failed(Failure),
    /// The account-wide listing was abandoned because single reads are cheaper.
    GivenUp,
}

/// The reason why there is no reply.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum ReadError {
    /// The call has not been sent yet.
    #[error("{0} has not been read")]
    NotAsked(&'static str),
    /// The listing was abandoned for single reads.
    #[error("the listing {0} was abandoned")]
    GivenUp(&'static str),
    /// The read failed, so nothing is known; it does not mean that the resource does not exist.
    #[error(transparent)]
    Failed(Failure),
}

/// The results of every read of a run.
#[derive(Clone, Debug, Default)]
pub struct ReadCache {
    answers: HashMap<String, ReadResult>,
    account_wide: bool,
    tables: Tables,
}

/// Indexes derived from results, so that a long listing is not searched once per resource.
#[derive(Default)]
struct Tables(Mutex<HashMap<(String, TypeId), Arc<dyn Any + Send + Sync>>>);

impl Clone for Tables {
    fn clone(&self) -> Self {
        // The copy gets other results.
        Tables::default()
    }
}

impl fmt::Debug for Tables {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tables")
    }
}

impl ReadCache {
    /// Returns an empty cache; `account_wide` if listings of the whole account are likely to be cheaper than single reads.
    pub fn new(account_wide: bool) -> Self {
        ReadCache { account_wide, ..ReadCache::default() }
    }

    /// Returns true if kinds should list the whole account instead of reading each function.
    pub fn account_wide(&self) -> bool {
        self.account_wide
    }

    /// Stores the result of a call.
    pub fn note(&mut self, call: &Call, answer: ReadResult) {
        self.tables = Tables::default();
        self.answers.insert(call.identity(), answer);
    }

    /// Returns true if the call has a result, whichever it is.
    pub fn has(&self, call: &Call) -> bool {
        self.answers.contains_key(&call.identity())
    }

    /// Returns all pages of a listing; none if the listed resource does not exist.
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

    /// Returns the reply to a single read; `None` if the resource does not exist.
    pub fn reply<O: TypedCall>(&self, call: O) -> Result<Option<&O::Output>, ReadError> {
        Ok(self.pages(call)?.into_iter().next())
    }

    /// Returns what `make` derives from all pages of a listing, derived once until another result is stored.
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
