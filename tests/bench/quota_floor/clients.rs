//! The clients that trueup is compared with: the floor, below which no client gets, and a plain one.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep_until};
use trueup::cloud::Cloud;
use trueup::concurrent::run_all;
use trueup::wire::{Call, Operation, Reply};

use crate::calls::{
    add_permission, create_alias, create_event_source_mapping, create_function, created_mapping, enabled, get_alias,
    get_event_source_mapping, get_function, get_policy, get_version, is_enabled, is_settled,
    list_event_source_mappings, list_versions, publish_version, published_version, put_function_concurrency, reads,
    update_alias, update_function_configuration,
};
use crate::estate::Estate;
use crate::sending::{Paced, Retrying, Sender, pages, until};

/// A client that is measured.
pub trait Client {
    /// Creates the estate in an empty account.
    async fn create(&self, estate: &Estate);

    /// Reads everything that a plan depends on.
    async fn read(&self, estate: &Estate);

    /// Does the same, and gives one function of ten another handler, with a new version behind its alias.
    async fn change(&self, estate: &Estate);
}

/// The least that a client must send that overwrites nothing unseen and says what has become of its writes, sent as early as
/// the quotas allow. It looks at what it is about to make, and at what a write without a precondition would overwrite; and
/// once, when that is usually over, at each change of which the reply does not tell the end. Before it creates anything, it
/// lists the functions, where one may stand under its former name, and the mappings, which no name protects from a second one.
pub struct Floor(Arc<dyn Sender>);

/// The pause of the floor between two looks, should the first one have been too early.
const AGAIN: Duration = Duration::from_millis(250);

impl Floor {
    /// Sends through a client without quotas of its own.
    pub fn new(cloud: Cloud) -> Floor {
        Floor(Arc::new(Paced::new(cloud)))
    }
}

impl Client for Floor {
    async fn create(&self, estate: &Estate) {
        let listings = [list_versions(), list_event_source_mappings()];
        run_all(listings.map(|call| pages(self.0.clone(), call)), usize::MAX).await;
        let creation = |number| create_in_time(self.0.clone(), create_function(number, estate.package()), number);
        let mapped = run_all((0..estate.functions).map(creation), usize::MAX).await.into_iter().max();
        sleep_until(mapped.unwrap_or_else(Instant::now) + Operation::CreateEventSourceMapping.usual_time()).await;
        let are_enabled = |replies: &[Reply]| enabled(replies) == estate.functions;
        until(self.0.clone(), list_event_source_mappings(), Duration::ZERO, AGAIN, are_enabled).await;
    }

    async fn read(&self, estate: &Estate) {
        read_all(&self.0, estate, usize::MAX).await;
    }

    async fn change(&self, estate: &Estate) {
        change_all(&self.0, estate, usize::MAX, AGAIN).await;
    }
}

/// Creates a function and what belongs to it, and returns the time at which its mapping was created. What takes Lambda long
/// comes early, so that it is over before the last write.
async fn create_in_time(sender: Arc<dyn Sender>, creation: Call, number: usize) -> Instant {
    sender.find(get_function(number)).await;
    sender.send(creation).await;
    until(sender.clone(), get_function(number), Operation::CreateFunction.usual_time(), AGAIN, is_settled).await;
    sender.send(create_alias(number)).await;
    sender.send(create_event_source_mapping(number)).await;
    let mapped = Instant::now();
    sender.send(get_function(number)).await;
    sender.send(put_function_concurrency(number)).await;
    sender.send(add_permission(number)).await;
    sender.send(get_policy(number)).await;
    mapped
}

/// Sends every read, so many at once.
async fn read_all(sender: &Arc<dyn Sender>, estate: &Estate, at_once: usize) {
    run_all(reads(estate.functions).into_iter().map(|call| pages(sender.clone(), call)), at_once).await;
}

/// Sends every read and then the changes, so many at once, with this pause between two looks.
async fn change_all(sender: &Arc<dyn Sender>, estate: &Estate, at_once: usize, again: Duration) {
    read_all(sender, estate, at_once).await;
    run_all(estate.changed().map(|number| change_one(sender.clone(), number, again)), at_once).await;
}

/// Changes the handler of a function, publishes it and points the alias to the new version.
async fn change_one(sender: Arc<dyn Sender>, number: usize, again: Duration) {
    sender.send(update_function_configuration(number)).await;
    let first = Operation::UpdateFunctionConfiguration.usual_time();
    until(sender.clone(), get_function(number), first, again, is_settled).await;
    let reply = sender.send(publish_version(number)).await;
    let (version, is_pending) = published_version(&reply);
    if is_pending {
        until(sender.clone(), get_version(number, version), again, again, is_settled).await;
    }
    // The RevisionId of an alias does not tell whose its function is by now.
    sender.send(get_function(number)).await;
    sender.send(update_alias(number, version)).await;
    // Lambda moves the provisioned concurrency of an alias by weights of its own, which the reply does not show.
    sender.send(get_alias(number)).await;
}

/// What a client does that knows no quotas: it works on some functions at once, looks at each resource every second,
/// and sends refused calls again.
pub struct Plain(Arc<dyn Sender>);

/// The most that the plain client works on at once.
const AT_ONCE: usize = 8;

/// The pause of the plain client before each look.
const POLL: Duration = Duration::from_secs(1);

impl Plain {
    /// Sends through a client without quotas of its own.
    pub fn new(cloud: Cloud) -> Plain {
        Plain(Arc::new(Retrying::new(cloud)))
    }
}

impl Client for Plain {
    async fn create(&self, estate: &Estate) {
        let creation = |number| create_one(self.0.clone(), create_function(number, estate.package()), number);
        run_all((0..estate.functions).map(creation), AT_ONCE).await;
    }

    async fn read(&self, estate: &Estate) {
        read_all(&self.0, estate, AT_ONCE).await;
    }

    async fn change(&self, estate: &Estate) {
        change_all(&self.0, estate, AT_ONCE, POLL).await;
    }
}

/// Creates a function and what belongs to it, one after the other.
async fn create_one(sender: Arc<dyn Sender>, creation: Call, number: usize) {
    sender.send(creation).await;
    until(sender.clone(), get_function(number), POLL, POLL, is_settled).await;
    for write in [create_alias(number), put_function_concurrency(number), add_permission(number)] {
        sender.send(write).await;
    }
    let reply = sender.send(create_event_source_mapping(number)).await;
    until(sender.clone(), get_event_source_mapping(created_mapping(&reply)), POLL, POLL, is_enabled).await;
}
