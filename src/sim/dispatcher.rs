//! One account: takes a request that was understood, runs its operation under the lock, has its changes written.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::ensure;
use serde_json::Value;

use crate::sim::context::api_error::ApiError;
use crate::sim::context::identifiers::{is_account, is_region};
use crate::sim::context::ids::IdGenerator;
use crate::sim::context::options::Options;
use crate::sim::context::request::{Arguments, OperationFn, RequestContext};
use crate::sim::faults::injector::{Manner, Trouble, Troubles};
use crate::sim::faults::plan::{Acted, Misbehaviour};
use crate::sim::faults::shortages::{Lacks, Roles};
use crate::sim::http::protocol::ApiRequest;
use crate::sim::http::response::Reply;
use crate::sim::http::validate;
use crate::sim::operations::accounts;
use crate::sim::operations::aliases;
use crate::sim::operations::capacity_providers;
use crate::sim::operations::code_signing;
use crate::sim::operations::event_invoke_configs;
use crate::sim::operations::event_source_mappings;
use crate::sim::operations::function_updates;
use crate::sim::operations::function_urls;
use crate::sim::operations::functions;
use crate::sim::operations::invocations;
use crate::sim::operations::layer_policies;
use crate::sim::operations::layers;
use crate::sim::operations::permissions;
use crate::sim::operations::provisioned_concurrency;
use crate::sim::operations::reserved_concurrency;
use crate::sim::operations::runtime_management;
use crate::sim::operations::scaling_configs;
use crate::sim::operations::tags;
use crate::sim::operations::versions;
use crate::sim::store::disk::DataDir;
use crate::sim::store::documents::Region;
use crate::sim::store::history::History;
use crate::sim::store::packages::PackageStore;
use crate::sim::store::persistence::{persist, restore};

/// The operations of all families.
fn operation(name: &str) -> Option<OperationFn> {
    functions::operation(name)
        .or_else(|| invocations::operation(name))
        .or_else(|| function_updates::operation(name))
        .or_else(|| versions::operation(name))
        .or_else(|| aliases::operation(name))
        .or_else(|| reserved_concurrency::operation(name))
        .or_else(|| provisioned_concurrency::operation(name))
        .or_else(|| event_source_mappings::operation(name))
        .or_else(|| layers::operation(name))
        .or_else(|| layer_policies::operation(name))
        .or_else(|| permissions::operation(name))
        .or_else(|| function_urls::operation(name))
        .or_else(|| event_invoke_configs::operation(name))
        .or_else(|| code_signing::operation(name))
        .or_else(|| runtime_management::operation(name))
        .or_else(|| scaling_configs::operation(name))
        .or_else(|| capacity_providers::operation(name))
        .or_else(|| tags::operation(name))
        .or_else(|| accounts::operation(name))
}

/// A handle to one simulated account; clones share it.
#[derive(Clone)]
pub struct Lambda {
    pub(crate) inner: Arc<Account>,
}

impl Lambda {
    /// Opens the account that `options` describe, reading what an earlier run left in its folder.
    pub fn open(options: Options) -> anyhow::Result<Lambda> {
        Ok(Lambda { inner: Arc::new(Account::open(options)?) })
    }

    /// What has gone wrong so far because it was told to, by the name of its rule, and how often.
    pub fn troubles(&self) -> BTreeMap<&'static str, u64> {
        self.inner.troubles()
    }

    /// What each rule of the misbehaviour has done so far.
    pub fn acted(&self) -> Vec<Acted> {
        self.inner.acted()
    }
}

/// A simulated account.
pub(crate) struct Account {
    options: Options,
    // One lock over all: an account has no two changes at once, and a change is on disk before the next one can be seen.
    held: Mutex<Held>,
    troubles: Option<Troubles>,
}

struct Held {
    regions: BTreeMap<String, Region>,
    ids: IdGenerator,
    packages: PackageStore,
    store: Option<Arc<DataDir>>,
    /// How far back stale reads look; none if no read is stale.
    memory: Option<(Duration, usize)>,
    histories: BTreeMap<String, History>,
    roles: Roles,
}

impl Account {
    pub(crate) fn open(options: Options) -> anyhow::Result<Account> {
        let Options { account, region, .. } = &options;
        ensure!(is_account(account), "`{account}` is no account: its number has 12 digits, as 123456789012");
        ensure!(is_region(region), "`{region}` is no region: write one such as us-east-1");
        let store = options.data.as_deref().map(DataDir::open).transpose()?.map(Arc::new);
        let mut regions = BTreeMap::new();
        if let Some(store) = &store {
            for name in store.regions()? {
                regions.insert(name.clone(), restore(store, &name)?);
            }
        }
        let ids = IdGenerator::new(options.seed, store.as_ref().map_or(1, |store| store.opened()));
        let packages = PackageStore::new(store.clone());
        let rules = options.misbehave.clone();
        let troubles = rules.map(|rules| Troubles::new(rules, options.clock.clone()));
        let memory = options.misbehave.as_ref().and_then(Misbehaviour::memory);
        let (histories, roles) = (BTreeMap::new(), Roles::default());
        let held = Mutex::new(Held { regions, ids, packages, store, memory, histories, roles });
        Ok(Account { options, held, troubles })
    }

    /// The account's number.
    pub(crate) fn id(&self) -> &str {
        &self.options.account
    }

    /// Whether a request may have to wait for the disk.
    pub(crate) fn writes(&self) -> bool {
        self.options.data.is_some()
    }

    /// An id for an answer that no operation gave.
    pub(crate) fn request_id(&self) -> String {
        self.hold().ids.uuid("request")
    }

    /// The deployment package with this hash.
    pub(crate) fn package(&self, hash: &str) -> Result<Option<Arc<Vec<u8>>>, ApiError> {
        self.hold().packages.get(hash)
    }

    /// What goes wrong with this call.
    pub(crate) fn trouble(&self, request: &ApiRequest) -> Trouble {
        let region = request.region.as_ref().unwrap_or(&self.options.region);
        self.troubles.as_ref().map(|troubles| troubles.of(request, region)).unwrap_or_default()
    }

    /// Notes that what a rule said has come about.
    pub(crate) fn note(&self, rule: usize) {
        self.troubles.iter().for_each(|troubles| troubles.note(rule));
    }

    /// What has gone wrong so far, and how often.
    pub(crate) fn troubles(&self) -> BTreeMap<&'static str, u64> {
        self.troubles.as_ref().map(Troubles::happened).unwrap_or_default()
    }

    /// What each rule of the misbehaviour has done so far.
    pub(crate) fn acted(&self) -> Vec<Acted> {
        self.troubles.as_ref().map(Troubles::acted).unwrap_or_default()
    }

    /// Runs one operation; also gives the id of the answer.
    pub(crate) fn answer(&self, request: ApiRequest, manner: &Manner) -> (Result<Reply, ApiError>, String) {
        let held = &mut *self.hold();
        let id = held.ids.uuid("request");
        let checked = request.shape.map_or(Ok(()), |shape| validate::check(shape, &request.input));
        let mut acted = Vec::new();
        let answer = checked.and_then(|()| held.run(&self.options, request, manner, &mut acted));
        acted.into_iter().for_each(|rule| self.note(rule));
        (answer, id)
    }

    // A panic in an operation is a bug, but what other operations did still stands.
    fn hold(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Held {
    /// Runs one operation; adds the numbers of the rules that made a difference to `acted`.
    fn run(
        &mut self,
        options: &Options,
        request: ApiRequest,
        manner: &Manner,
        acted: &mut Vec<usize>,
    ) -> Result<Reply, ApiError> {
        let operation = operation(request.name).ok_or_else(ApiError::unknown_operation)?;
        let name = request.region.clone().unwrap_or_else(|| options.region.clone());
        let now = options.clock.now();
        let lacks = self.lacks(&request, manner, now);
        let region = self.regions.entry(name.clone()).or_default();
        let mut history =
            self.memory.map(|memory| self.histories.entry(name.clone()).or_insert_with(|| History::new(memory)));
        match &mut history {
            Some(history) => {
                let mut record = |due, before, region: &mut Region| history.record_transition(due, before, region);
                region.advance(now, Some(&mut record));
            }
            None => region.advance(now, None),
        }
        let mut before = None;
        if let (Some((rule, back)), Some(history)) = (manner.stale, &history) {
            before = history.view(region, now, back);
            acted.extend(before.is_some().then_some(rule));
        }
        let mut args = Arguments {
            region: before.as_mut().unwrap_or(region),
            context: RequestContext { options, region: &name, host: &request.host, body: &request.body, lacks: &lacks },
            ids: &mut self.ids,
            packages: &mut self.packages,
            input: request.input,
            now,
        };
        let answer = operation(&mut args);
        if let Some((rule, code)) = &manner.settle_failed {
            acted.extend(args.region.fail_new_transitions(code).then_some(*rule));
        }
        acted.extend(lacks.felt());
        let region = self.regions.entry(name.clone()).or_default();
        let (previous, kept) = persist(self.store.as_deref(), &name, region);
        if let Some(history) = history {
            history.record_write(now, previous, region);
        }
        // What could not be written is not acknowledged, and nobody sees it.
        kept.map_err(|error| ApiError::not_persisted(&error))?;
        answer
    }

    /// What the call will find lacking.
    fn lacks(&mut self, request: &ApiRequest, manner: &Manner, now: i64) -> Lacks {
        let mut lacks = Lacks::default();
        manner.exhausted.iter().for_each(|(rule, supply)| lacks.exhaust(*rule, *supply));
        let about_functions = matches!(request.name, "CreateFunction" | "UpdateFunctionConfiguration");
        if let Some(role) = request.input.get("Role").and_then(Value::as_str).filter(|_| about_functions) {
            let functions = self.regions.values().flat_map(|region| region.functions.iter());
            let mut roles = functions.map(|(_, function)| function.latest.members.get("Role").and_then(Value::as_str));
            for rule in &manner.roles {
                if self.roles.is_young(*rule, role, now, || roles.any(|other| other == Some(role))) {
                    lacks.hold_role_back(rule.0);
                }
            }
        }
        lacks
    }
}
