//! Sends the reads that questions about resources need, in rounds, and answers them from the replies.

use std::collections::HashSet;
use std::sync::Arc;

use super::bulk;
use crate::concurrent::run_all;
use crate::wire::{Call, Endpoint, Failure, FailureClass, Missing, ReadCache, ReadResult, Reply, Request};

/// The largest number of pages of a listing: half a million functions.
const MOST_PAGES: usize = 10_000;

/// The limit of rounds; a kind that needs more asks for the same reads again.
const ROUNDS: usize = 12;

/// The reads of one observation, and their replies.
pub(super) struct Reader {
    pub endpoint: Arc<dyn Endpoint>,
    pub cache: ReadCache,
    /// The most pages of an account-wide listing.
    pub page_limit: usize,
    /// The most reads at once.
    pub parallelism: usize,
}

impl Reader {
    /// Answers a question about each item, in order. Sends the reads that an answer needs if `may_send` allows it.
    pub async fn ask<I, T>(
        &mut self,
        items: Vec<I>,
        may_send: impl Fn(&I) -> bool,
        question: impl Fn(&I, &ReadCache) -> Result<T, Missing>,
    ) -> Vec<(I, Result<T, Missing>)> {
        let mut answers: Vec<Result<T, Missing>> = items.iter().map(|item| question(item, &self.cache)).collect();
        for _ in 0..ROUNDS {
            let mut wanted = HashSet::new();
            let missing = items.iter().zip(&answers).filter_map(|(item, answer)| match answer {
                Err(Missing::Reads(calls)) if may_send(item) => Some(calls),
                _ => None,
            });
            let new = missing.flatten().filter(|call| !self.cache.has(call) && wanted.insert(call.identity()));
            let calls: Vec<Call> = new.cloned().collect();
            if calls.is_empty() {
                break;
            }
            let calls = bulk::answer(self, calls).await;
            self.send_all(calls).await;
            for (item, answer) in items.iter().zip(&mut answers) {
                if matches!(answer, Err(Missing::Reads(_))) {
                    *answer = question(item, &self.cache);
                }
            }
        }
        items.into_iter().zip(answers).collect()
    }

    /// Reads listings of the whole account to their end from now on, also those that were abandoned.
    pub fn read_whole_listings(&mut self) {
        self.page_limit = usize::MAX;
        self.cache.forget_abandoned();
    }

    /// Sends those of the reads that have no result yet.
    pub async fn send_all(&mut self, calls: Vec<Call>) {
        let reads = calls.into_iter().filter(|call| !self.cache.has(call)).map(|call| {
            let (endpoint, limit) = (self.endpoint.clone(), self.page_limit);
            async move {
                let result = read_pages(endpoint.as_ref(), &call, limit).await;
                (call, result)
            }
        });
        for (call, result) in run_all(reads, self.parallelism).await {
            self.cache.insert(&call, result);
        }
    }
}

/// Sends a read, with all its pages; an account-wide listing is abandoned after `page_limit` pages.
async fn read_pages(endpoint: &dyn Endpoint, call: &Call, page_limit: usize) -> ReadResult {
    let mut pages = Vec::new();
    let mut sent = HashSet::new();
    let mut next = Some(call.clone());
    while let Some(page) = next {
        if call.is_account_wide() && pages.len() >= page_limit {
            return ReadResult::GivenUp;
        }
        // Without an end it is not known what the listing holds, so the pages so far do not count either.
        if !sent.insert(page.identity()) {
            return ReadResult::Failed(endless(call, "the listing has no end: it repeats a page marker"));
        }
        if pages.len() == MOST_PAGES {
            return ReadResult::Failed(endless(call, "the listing has no end within 10,000 pages"));
        }
        match endpoint.send(page.clone()).await {
            Err(failure) => return ReadResult::Failed(failure),
            Ok(reply) => {
                next = page.next_page(&reply);
                pages.push(reply);
            }
        }
    }
    ReadResult::Pages(pages)
}

/// Sends a listing, with all its pages.
pub(crate) async fn read_listing(endpoint: &dyn Endpoint, call: &Call) -> Result<Vec<Reply>, Failure> {
    match read_pages(endpoint, call, usize::MAX).await {
        ReadResult::Pages(pages) => Ok(pages),
        ReadResult::Failed(failure) => Err(failure),
        ReadResult::GivenUp => Err(endless(call, "the listing was given up")),
    }
}

/// Returns the failure of a listing that does not end.
fn endless(call: &Call, message: &str) -> Failure {
    Failure {
        request: Request::Lambda(call.operation()),
        class: FailureClass::Invalid,
        code: String::new(),
        message: message.to_owned(),
        status: None,
        request_id: None,
        retry_after: None,
    }
}
