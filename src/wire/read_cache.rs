//! The replies to reads, looked up by the call.
//!
//! # Guarantees
//! A read that failed or was not sent is an error of its look-up, never a missing resource.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use super::{Call, Failure, FailureClass, Operation, Reply, TypedCall};

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

/// The reason why an observation has no result.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Missing {
    /// These reads come first: the observer sends them and asks again.
    #[error("{} has not been read", .0.first().map_or("a resource", |call| call.operation().name()))]
    Reads(Vec<Call>),
    /// Reads that others need may make a read of its own needless: the observer asks again when no other is under way.
    #[error("other reads come first")]
    Postponed,
    /// The listing was abandoned for single reads.
    #[error("the listing {0} was abandoned")]
    GivenUp(Operation),
    /// The read failed, so nothing is known; it does not mean that the resource does not exist.
    #[error(transparent)]
    Failed(Failure),
}

impl Missing {
    /// Returns the failed read, if one failed.
    pub fn failure(&self) -> Option<&Failure> {
        match self {
            Missing::Failed(failure) => Some(failure),
            Missing::Reads(_) | Missing::Postponed | Missing::GivenUp(_) => None,
        }
    }

    /// Returns the failed read, if one failed, to mask its message.
    pub fn failure_mut(&mut self) -> Option<&mut Failure> {
        match self {
            Missing::Failed(failure) => Some(failure),
            Missing::Reads(_) | Missing::Postponed | Missing::GivenUp(_) => None,
        }
    }

    /// Returns both results, or the reads that either of them misses, so that they are sent at once.
    pub fn join<A, B>(one: Result<A, Missing>, other: Result<B, Missing>) -> Result<(A, B), Missing> {
        match (one, other) {
            (Ok(one), Ok(other)) => Ok((one, other)),
            (Err(Missing::Reads(mut calls)), Err(Missing::Reads(more))) => {
                calls.extend(more);
                Err(Missing::Reads(calls))
            }
            (Err(reads @ Missing::Reads(_)), Err(Missing::Postponed))
            | (Err(Missing::Postponed), Err(reads @ Missing::Reads(_))) => Err(reads),
            (Err(Missing::Reads(_) | Missing::Postponed), Err(known)) | (Err(known), _) | (_, Err(known)) => Err(known),
        }
    }

    /// Returns all results, or the reads that any of them misses.
    pub fn join_all<T>(results: impl IntoIterator<Item = Result<T, Missing>>) -> Result<Vec<T>, Missing> {
        let (mut all, mut calls, mut is_postponed) = (Vec::new(), Vec::new(), false);
        for result in results {
            match result {
                Ok(one) => all.push(one),
                Err(Missing::Reads(more)) => calls.extend(more),
                Err(Missing::Postponed) => is_postponed = true,
                Err(known) => return Err(known),
            }
        }
        match calls.is_empty() {
            false => Err(Missing::Reads(calls)),
            true if is_postponed => Err(Missing::Postponed),
            true => Ok(all),
        }
    }
}

/// The results of every read of a run.
#[derive(Clone, Debug, Default)]
pub struct ReadCache {
    results: HashMap<String, ReadResult>,
    account_wide: bool,
    reads_owners: bool,
    expects_more: bool,
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

    /// The same cache, in which the tags that name an owner are read even if nothing else depends on them: a write is next.
    #[must_use]
    pub fn reading_owners(self) -> Self {
        ReadCache { reads_owners: true, ..self }
    }

    /// Returns true if kinds should read the tags that name an owner, whatever they cost.
    pub fn reads_owners(&self) -> bool {
        self.reads_owners
    }

    /// Returns true if kinds should list the whole account instead of reading each function.
    pub fn account_wide(&self) -> bool {
        self.account_wide
    }

    /// Returns true while reads are under way that others need, so that a read which those may make needless is postponed.
    pub fn expects_more(&self) -> bool {
        self.expects_more
    }

    /// Says if reads are under way.
    pub fn set_expects_more(&mut self, expects_more: bool) {
        self.expects_more = expects_more;
    }

    /// Stores the result of a call.
    pub fn insert(&mut self, call: &Call, result: ReadResult) {
        let identity = call.identity();
        let tables = self.tables.0.get_mut().unwrap_or_else(PoisonError::into_inner);
        tables.retain(|(listing, _), _| *listing != identity);
        self.results.insert(identity, result);
    }

    /// Forgets that listings were abandoned, so that they are read after all.
    pub fn forget_abandoned(&mut self) {
        self.results.retain(|_, result| !matches!(result, ReadResult::GivenUp));
    }

    /// Returns true if the call has a result, whichever it is.
    pub fn has(&self, call: &Call) -> bool {
        self.results.contains_key(&call.identity())
    }

    /// Returns all pages of a listing; none if the listed resource does not exist.
    pub fn pages<O: TypedCall>(&self, call: O) -> Result<Vec<&O::Output>, Missing> {
        let call = call.call();
        match self.results.get(&call.identity()) {
            None => Err(Missing::Reads(vec![call])),
            Some(ReadResult::GivenUp) => Err(Missing::GivenUp(call.operation())),
            Some(ReadResult::Failed(failure)) if failure.class == FailureClass::NotFound => Ok(Vec::new()),
            Some(ReadResult::Failed(failure)) => Err(Missing::Failed(failure.clone())),
            Some(ReadResult::Pages(replies)) => Ok(replies.iter().filter_map(O::reply).collect()),
        }
    }

    /// Returns the reply to a single read; `None` if the resource does not exist.
    pub fn reply<O: TypedCall>(&self, call: O) -> Result<Option<&O::Output>, Missing> {
        Ok(self.pages(call)?.into_iter().next())
    }

    /// Returns what `make` derives from all pages of a listing, derived once until another result of it is stored.
    pub fn table<O: TypedCall + Clone, T: Send + Sync + 'static>(
        &self,
        call: O,
        make: impl FnOnce(&[&O::Output]) -> T,
    ) -> Result<Arc<T>, Missing> {
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
