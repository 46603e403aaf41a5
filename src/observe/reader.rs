//! Sends the reads that questions about resources need, and answers the questions from the replies.
//!
//! A question is asked again as soon as the reads that it named have replies, so that no read waits for those of others. The
//! request quotas are drawn on at the same time: reads of one quota wait in a queue of their own.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::sync::Arc;

use tokio::task::JoinSet;

use super::bulk;
use crate::concurrent::run_all;
use crate::wire::{Bucket, Call, Endpoint, Failure, FailureClass, Missing, ReadCache, ReadResult, Reply, Request};

/// The largest number of pages of a listing: half a million functions.
const MOST_PAGES: usize = 10_000;

/// The most times that a question is asked; a kind that needs more asks for ever new reads.
const MOST_TURNS: usize = 12;

/// The reads of one observation, and their replies.
pub(super) struct Reader {
    pub endpoint: Arc<dyn Endpoint>,
    pub cache: ReadCache,
    /// The most pages of an account-wide listing.
    pub page_limit: usize,
    /// The most reads of one quota at once.
    pub parallelism: usize,
}

/// The reads that are to be sent or under way.
#[derive(Default)]
struct Reads {
    /// The questions that wait for each read that has no reply yet.
    waiting: HashMap<String, Vec<usize>>,
    queues: BTreeMap<Bucket, VecDeque<Call>>,
    /// The reads that a listing may answer, which is decided when nothing else is under way.
    groupable: Vec<Call>,
    running: JoinSet<(Call, ReadResult)>,
    /// The number of running reads of each quota.
    load: BTreeMap<Bucket, usize>,
}

impl Reader {
    /// Answers a question about each item, in order. Sends the reads that an answer needs if `may_send` allows it.
    pub async fn ask<I, T>(
        &mut self,
        items: Vec<I>,
        may_send: impl Fn(&I) -> bool,
        question: impl Fn(&I, &ReadCache) -> Result<T, Missing>,
    ) -> Vec<(I, Result<T, Missing>)> {
        self.cache.set_expects_more(true);
        let mut answers: Vec<Result<T, Missing>> = items.iter().map(|item| question(item, &self.cache)).collect();
        let mut reads = Reads::default();
        // How many reads each question waits for, and how often it was asked.
        let mut needed = vec![0_usize; items.len()];
        let mut turns = vec![1_usize; items.len()];
        let mut open: Vec<usize> = (0..items.len()).collect();
        let mut postponed = Vec::new();
        loop {
            for at in open.drain(..).filter(|at| may_send(&items[*at]) && turns[*at] < MOST_TURNS) {
                match &answers[at] {
                    Err(Missing::Reads(calls)) => needed[at] = reads.wait_for(at, calls, &self.cache),
                    Err(Missing::Postponed) => postponed.push(at),
                    _ => {}
                }
            }
            self.start(&mut reads);
            if reads.running.is_empty() && reads.groupable.is_empty() {
                self.cache.set_expects_more(false);
                open = std::mem::take(&mut postponed);
                for at in &open {
                    answers[*at] = question(&items[*at], &self.cache);
                    turns[*at] += 1;
                }
                if open.is_empty() {
                    break;
                }
                continue;
            }
            let replied = match reads.running.join_next().await {
                Some(Ok((call, result))) => {
                    reads.ended(&call);
                    self.cache.insert(&call, result);
                    vec![call]
                }
                Some(Err(error)) => std::panic::resume_unwind(error.into_panic()),
                None => {
                    let calls = std::mem::take(&mut reads.groupable);
                    match self.answer_together(&calls).await {
                        true => calls,
                        false => {
                            calls.into_iter().for_each(|call| reads.push(call));
                            Vec::new()
                        }
                    }
                }
            };
            for at in replied.iter().flat_map(|call| reads.waiting.remove(&call.identity())).flatten() {
                needed[at] -= 1;
                if needed[at] == 0 {
                    answers[at] = question(&items[at], &self.cache);
                    turns[at] += 1;
                    open.push(at);
                }
            }
        }
        // What may not send reads is answered from those of others.
        for (item, answer) in items.iter().zip(&mut answers) {
            if matches!(answer, Err(Missing::Reads(_) | Missing::Postponed)) && !may_send(item) {
                *answer = question(item, &self.cache);
            }
        }
        items.into_iter().zip(answers).collect()
    }

    /// Answers reads from listings, and returns false if there are none that take fewer calls.
    pub async fn answer_together(&mut self, reads: &[Call]) -> bool {
        let Some(first) = bulk::first_listing(reads) else { return false };
        self.send_all(vec![first]).await;
        let Some(listings) = bulk::listings(reads.len(), &self.cache) else { return false };
        self.send_all(listings).await;
        let Some(answers) = bulk::answers(reads, &self.cache) else { return false };
        reads.iter().zip(answers).for_each(|(call, answer)| self.cache.insert(call, answer));
        true
    }

    /// Sends reads as far as each quota has room.
    fn start(&self, reads: &mut Reads) {
        for (bucket, queue) in &mut reads.queues {
            let load = reads.load.entry(*bucket).or_default();
            while *load < self.parallelism.max(1) {
                let Some(call) = queue.pop_front() else { break };
                *load += 1;
                reads.running.spawn(self.sending(call));
            }
        }
    }

    fn sending(&self, call: Call) -> impl Future<Output = (Call, ReadResult)> + use<> {
        let (endpoint, limit) = (self.endpoint.clone(), self.page_limit);
        async move {
            let result = read_pages(endpoint.as_ref(), &call, limit).await;
            (call, result)
        }
    }

    /// Reads listings of the whole account to their end from now on, also those that were abandoned.
    pub fn read_whole_listings(&mut self) {
        self.page_limit = usize::MAX;
        self.cache.forget_abandoned();
    }

    /// Sends those of the reads that have no result yet.
    pub async fn send_all(&mut self, calls: Vec<Call>) {
        let new = calls.into_iter().filter(|call| !self.cache.has(call));
        let reads: Vec<_> = new.map(|call| self.sending(call)).collect();
        for (call, result) in run_all(reads, self.parallelism).await {
            self.cache.insert(&call, result);
        }
    }
}

impl Reads {
    /// Lets a question wait for those of the reads that have no reply, and returns how many those are.
    fn wait_for(&mut self, question: usize, calls: &[Call], cache: &ReadCache) -> usize {
        let mut wanted = HashSet::new();
        for call in calls.iter().filter(|call| !cache.has(call)) {
            let identity = call.identity();
            if !wanted.insert(identity.clone()) {
                continue;
            }
            let waiting = self.waiting.entry(identity).or_default();
            waiting.push(question);
            if waiting.len() == 1 {
                match bulk::may_answer(call) {
                    true => self.groupable.push(call.clone()),
                    false => self.push(call.clone()),
                }
            }
        }
        wanted.len()
    }

    fn push(&mut self, call: Call) {
        self.queues.entry(call.operation().bucket()).or_default().push_back(call);
    }

    fn ended(&mut self, call: &Call) {
        *self.load.entry(call.operation().bucket()).or_insert(1) -= 1;
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
