//! One account: takes a request that was understood, runs its operation under the lock, has its changes written.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::ensure;
use serde::Serialize;

use super::calls::{Call, Here, Operation};
use super::capacity::CapacityProvider;
use super::code::Blobs;
use super::fault::Fault;
use super::layers::Layer;
use super::mint::Mint;
use super::misbehaviour::{Acted, Misbehaviour, Span, is_read};
use super::names::{is_account, is_region};
use super::past::Past;
use super::protocol::{Asked, Reply};
use super::shelf::Shelf;
use super::signing::SigningConfig;
use super::state::{Function, Leaving, Mapping, Region, Thing};
use super::store::{Store, file_name};
use super::trouble::{Trouble, Troubles};
use super::{Options, validate};
use super::{
    accounts, aliases, capacity, concurrency, functions, invoke_configs, layer_policies, layers, mappings, permissions,
};
use super::{provisioned, runtimes, scaling, signing, tags, updates, urls, versions};

/// The operations of all families.
fn operation(name: &str) -> Option<Operation> {
    functions::operation(name)
        .or_else(|| updates::operation(name))
        .or_else(|| versions::operation(name))
        .or_else(|| aliases::operation(name))
        .or_else(|| concurrency::operation(name))
        .or_else(|| provisioned::operation(name))
        .or_else(|| mappings::operation(name))
        .or_else(|| layers::operation(name))
        .or_else(|| layer_policies::operation(name))
        .or_else(|| permissions::operation(name))
        .or_else(|| urls::operation(name))
        .or_else(|| invoke_configs::operation(name))
        .or_else(|| signing::operation(name))
        .or_else(|| runtimes::operation(name))
        .or_else(|| scaling::operation(name))
        .or_else(|| capacity::operation(name))
        .or_else(|| tags::operation(name))
        .or_else(|| accounts::operation(name))
}

/// A simulated account.
pub(super) struct Account {
    options: Options,
    // One lock over all: an account has no two changes at once, and a change is on disk before the next one can be seen.
    held: Mutex<Held>,
    troubles: Option<Troubles>,
}

/// How a call is carried out, if not in the usual way.
#[derive(Debug, Default)]
pub(super) struct Manner {
    /// How far behind a read is.
    pub(super) stale: Option<Span>,
    /// The reason for which what the call begins will fail.
    pub(super) settle_failed: Option<String>,
}

struct Held {
    regions: BTreeMap<String, Region>,
    mint: Mint,
    blobs: Blobs,
    store: Option<Arc<Store>>,
    past: Past,
}

impl Account {
    pub(super) fn open(options: Options) -> anyhow::Result<Account> {
        let Options { account, region, .. } = &options;
        ensure!(is_account(account), "`{account}` is no account: its number has 12 digits, as 123456789012");
        ensure!(is_region(region), "`{region}` is no region: write one such as us-east-1");
        let store = options.data.as_deref().map(Store::open).transpose()?.map(Arc::new);
        let mut regions = BTreeMap::new();
        if let Some(store) = &store {
            for name in store.regions()? {
                regions.insert(name.clone(), restore(store, &name)?);
            }
        }
        let mint = Mint::new(options.seed, store.as_ref().map_or(1, |store| store.opened()));
        let blobs = Blobs::new(store.clone());
        let rules = options.misbehave.clone();
        let troubles = rules.map(|rules| Troubles::new(rules, options.clock.clone()));
        let held = Mutex::new(Held { regions, mint, blobs, store, past: Past::default() });
        Ok(Account { options, held, troubles })
    }

    /// The account's number.
    pub(super) fn id(&self) -> &str {
        &self.options.account
    }

    /// Whether a request may have to wait for the disk.
    pub(super) fn writes(&self) -> bool {
        self.options.data.is_some()
    }

    /// An id for an answer that no operation gave.
    pub(super) fn request_id(&self) -> String {
        self.hold().mint.uuid("request")
    }

    /// The deployment package with this hash.
    pub(super) fn package(&self, hash: &str) -> Option<Arc<Vec<u8>>> {
        self.hold().blobs.get(hash)
    }

    /// What goes wrong with this call.
    pub(super) fn trouble(&self, asked: &Asked) -> Trouble {
        self.troubles.as_ref().map(|troubles| troubles.of(asked)).unwrap_or_default()
    }

    /// What has gone wrong so far, and how often.
    pub(super) fn troubles(&self) -> BTreeMap<&'static str, u64> {
        self.troubles.as_ref().map(Troubles::happened).unwrap_or_default()
    }

    /// What each rule of the misbehaviour has done so far.
    pub(super) fn acted(&self) -> Vec<Acted> {
        self.troubles.as_ref().map(Troubles::acted).unwrap_or_default()
    }

    /// Runs one operation; also gives the id of the answer.
    pub(super) fn answer(&self, asked: Asked, manner: &Manner) -> (Result<Reply, Fault>, String) {
        let held = &mut *self.hold();
        let id = held.mint.uuid("request");
        let answer = asked.shape.map_or(Ok(()), |shape| validate::check(shape, &asked.input));
        (answer.and_then(|()| held.run(&self.options, asked, manner)), id)
    }

    // A panic in an operation is a bug, but what other operations did still stands.
    fn hold(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Held {
    fn run(&mut self, options: &Options, asked: Asked, manner: &Manner) -> Result<Reply, Fault> {
        let operation = operation(asked.name).ok_or_else(Fault::unknown_operation)?;
        let name = asked.region.unwrap_or_else(|| options.region.clone());
        let now = options.clock.now();
        let region = self.regions.entry(name.clone()).or_default();
        region.advance(now);
        let mut before = manner.stale.and_then(|back| self.past.look(now, &name, back));
        let memory = options.misbehave.as_ref().and_then(Misbehaviour::memory);
        if let Some(memory) = memory.filter(|_| !is_read(asked.name)) {
            self.past.remember(now, &name, region, memory);
        }
        let mut call = Call {
            region: before.as_mut().unwrap_or(region),
            here: Here { options, region: &name, host: &asked.host, body: &asked.body },
            mint: &mut self.mint,
            blobs: &mut self.blobs,
            input: asked.input,
            now,
        };
        let answer = operation(&mut call);
        if let Some(code) = &manner.settle_failed {
            call.region.fail_touched(code);
        }
        let kept = self.regions.get_mut(&name).map_or(Ok(()), |region| keep(self.store.as_deref(), &name, region));
        // What could not be written is not acknowledged. It stays marked, and the next write takes it along.
        kept.map_err(|error| Fault::unkept(&error))?;
        answer
    }
}

/// Writes what changed in a region, and arranges for it to settle.
fn keep(store: Option<&Store>, name: &str, region: &mut Region) -> anyhow::Result<()> {
    let functions = write(store, &format!("{name}/functions"), &mut region.functions)?;
    let mappings = write(store, &format!("{name}/mappings"), &mut region.mappings)?;
    let leaving = write(store, &format!("{name}/leaving"), &mut region.leaving)?;
    write(store, &format!("{name}/layers"), &mut region.layers)?;
    write(store, &format!("{name}/signing"), &mut region.signing_configs)?;
    let providers = write(store, &format!("{name}/capacity"), &mut region.capacity_providers)?;
    for name in providers {
        region.wait_for(Thing::CapacityProvider(name));
    }
    for name in functions {
        region.wait_for(Thing::Function(name));
    }
    for name in leaving {
        region.wait_for(Thing::Leaving(name));
    }
    for uuid in mappings {
        region.wait_for(Thing::Mapping(uuid));
    }
    Ok(())
}

fn write<T: Serialize>(store: Option<&Store>, folder: &str, shelf: &mut Shelf<T>) -> anyhow::Result<Vec<String>> {
    let touched = shelf.take_touched();
    if let Some(store) = store {
        for key in &touched {
            let path = format!("{folder}/{}", file_name(key));
            let written = match shelf.get(key) {
                Some(document) => store.put(&path, document),
                None => store.remove(&path),
            };
            if let Err(error) = written {
                shelf.touch_again(touched);
                return Err(error);
            }
        }
    }
    Ok(touched.into_iter().collect())
}

fn restore(store: &Store, name: &str) -> anyhow::Result<Region> {
    let mut region = Region::default();
    store.documents(&format!("{name}/functions"), |key, function: Function| {
        region.functions.restore(&key, function.share());
        region.wait_for(Thing::Function(key));
    })?;
    store.documents(&format!("{name}/leaving"), |key, leaving: Leaving| {
        region.leaving.restore(&key, leaving);
        region.wait_for(Thing::Leaving(key));
    })?;
    store.documents(&format!("{name}/layers"), |key, layer: Layer| {
        region.layers.restore(&key, layer);
    })?;
    store.documents(&format!("{name}/signing"), |key, config: SigningConfig| {
        region.signing_configs.restore(&key, config);
    })?;
    store.documents(&format!("{name}/capacity"), |key, provider: CapacityProvider| {
        region.capacity_providers.restore(&key, provider);
        region.wait_for(Thing::CapacityProvider(key));
    })?;
    store.documents(&format!("{name}/mappings"), |key, mapping: Mapping| {
        region.mappings.restore(&key, mapping);
        region.wait_for(Thing::Mapping(key));
    })?;
    Ok(region)
}
