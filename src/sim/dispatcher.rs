//! The simulated account: runs the operation of a request under the lock, and writes what it changed before the response.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::Value;

use crate::sim::context::api_error::ApiError;
use crate::sim::context::identifiers::{is_account, is_region};
use crate::sim::context::ids::IdGenerator;
use crate::sim::context::options::Options;
use crate::sim::context::request::{Arguments, OperationFn, RequestContext};
use crate::sim::faults::injector::{Injection, Injector, Overrides};
use crate::sim::faults::plan::{FaultPlan, RuleActivity};
use crate::sim::faults::shortages::{KnownRoles, Shortages};
use crate::sim::http::protocol::ApiRequest;
use crate::sim::http::response::Reply;
use crate::sim::http::validate;
use crate::sim::iam::authorization::{AccessRequest, authorize};
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
use crate::sim::store::disk::{DataDir, DiskError};
use crate::sim::store::documents::Region;
use crate::sim::store::history::History;
use crate::sim::store::packages::PackageStore;
use crate::sim::store::persistence::{persist, restore};

/// Returns the code of the operation called `name`.
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

/// The reason why a simulated account cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum SimulatorError {
    /// The account ID is malformed.
    #[error("`{0}` is not an account ID; expected 12 digits, as in 123456789012")]
    NotAnAccount(String),
    /// The region is malformed.
    #[error("`{0}` is not a region; expected one such as us-east-1")]
    NotARegion(String),
    /// The folder of the account cannot be used.
    #[error(transparent)]
    Disk(#[from] DiskError),
}

/// A simulated account; clones share it.
#[derive(Clone)]
pub struct Simulator {
    shared: Arc<Shared>,
}

struct Shared {
    options: Options,
    // One lock over all: an account has no two changes at once, and a change is on disk before the next one can be seen.
    state: Mutex<AccountState>,
    injector: Option<Injector>,
}

struct AccountState {
    regions: BTreeMap<String, Region>,
    ids: IdGenerator,
    packages: PackageStore,
    disk: Option<Arc<DataDir>>,
    /// The time and the number of writes that stale reads look back; none if no read is stale.
    stale_reach: Option<(Duration, usize)>,
    histories: BTreeMap<String, History>,
    roles: KnownRoles,
}

impl Simulator {
    /// Opens the account that `options` describe, and reads what an earlier run left in its folder.
    pub fn open(options: Options) -> Result<Simulator, SimulatorError> {
        let Options { account, region, .. } = &options;
        if !is_account(account) {
            return Err(SimulatorError::NotAnAccount(account.clone()));
        }
        if !is_region(region) {
            return Err(SimulatorError::NotARegion(region.clone()));
        }
        let disk = options.data.as_deref().map(DataDir::open).transpose()?.map(Arc::new);
        let mut regions = BTreeMap::new();
        if let Some(disk) = &disk {
            for name in disk.regions()? {
                regions.insert(name.clone(), restore(disk, &name)?);
            }
        }
        let state = Mutex::new(AccountState {
            regions,
            ids: IdGenerator::new(options.seed, disk.as_ref().map_or(1, |disk| disk.opened())),
            packages: PackageStore::new(disk.clone()),
            disk,
            stale_reach: options.faults.as_ref().and_then(FaultPlan::stale_reach),
            histories: BTreeMap::new(),
            roles: KnownRoles::default(),
        });
        let injector = options.faults.clone().map(|plan| Injector::new(plan, options.clock.clone()));
        Ok(Simulator { shared: Arc::new(Shared { options, state, injector }) })
    }

    /// Returns how often each kind of fault was injected so far, by the name of its rule.
    pub fn injected_faults(&self) -> BTreeMap<&'static str, u64> {
        self.shared.injector.as_ref().map(Injector::counts_by_rule).unwrap_or_default()
    }

    /// Returns what each rule of the fault plan has done so far.
    pub fn rule_activity(&self) -> Vec<RuleActivity> {
        self.shared.injector.as_ref().map(Injector::rule_activity).unwrap_or_default()
    }

    /// Returns the options that it was opened with.
    pub(crate) fn options(&self) -> &Options {
        &self.shared.options
    }

    /// Returns whether a request may have to wait for the disk.
    pub(crate) fn writes_to_disk(&self) -> bool {
        self.shared.options.data.is_some()
    }

    /// Returns a request ID for a response that no operation gave.
    pub(crate) fn request_id(&self) -> String {
        self.state().ids.uuid("request")
    }

    /// Returns the deployment package with this hash.
    pub(crate) fn package(&self, hash: &str) -> Result<Option<Arc<Vec<u8>>>, ApiError> {
        self.state().packages.get(hash)
    }

    /// Returns the faults to inject into this request. Call it once a request, because rules count requests.
    pub(crate) fn injection(&self, request: &ApiRequest) -> Injection {
        let region = request.region.as_ref().unwrap_or(&self.shared.options.region);
        self.shared.injector.as_ref().map(|injector| injector.injection(request, region)).unwrap_or_default()
    }

    /// Records that a rule made a difference.
    pub(crate) fn record(&self, rule: usize) {
        self.shared.injector.iter().for_each(|injector| injector.record(rule));
    }

    /// Runs one operation; also returns the request ID of the response.
    pub(crate) fn run(&self, request: ApiRequest, overrides: &Overrides) -> (Result<Reply, ApiError>, String) {
        let state = &mut *self.state();
        let id = state.ids.uuid("request");
        let checked = request.shape.map_or(Ok(()), |shape| validate::check(shape, &request.input));
        let mut effective = Vec::new();
        let answer = checked.and_then(|()| state.run(&self.shared.options, request, overrides, &mut effective));
        effective.into_iter().for_each(|rule| self.record(rule));
        (answer, id)
    }

    // A panic in an operation is a bug, but what other operations did still stands.
    fn state(&self) -> MutexGuard<'_, AccountState> {
        self.shared.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl AccountState {
    /// Runs one operation; adds the numbers of the rules that made a difference to `effective`.
    fn run(
        &mut self,
        options: &Options,
        request: ApiRequest,
        overrides: &Overrides,
        effective: &mut Vec<usize>,
    ) -> Result<Reply, ApiError> {
        let operation = operation(request.name).ok_or_else(ApiError::unknown_operation)?;
        let name = request.region.clone().unwrap_or_else(|| options.region.clone());
        let now = options.clock.now();
        let shortages = self.shortages(&request, overrides, now);
        let region = self.regions.entry(name.clone()).or_default();
        let mut history =
            self.stale_reach.map(|reach| self.histories.entry(name.clone()).or_insert_with(|| History::new(reach)));
        match &mut history {
            Some(history) => {
                let mut record = |due, before, region: &mut Region| history.record_transition(due, before, region);
                region.advance(now, Some(&mut record));
            }
            None => region.advance(now, None),
        }
        if let Some(policy) = &options.iam {
            let asked = AccessRequest {
                account: &options.account,
                region: &name,
                operation: request.name,
                input: &request.input,
            };
            authorize(policy, asked, region)?;
        }
        let mut stale = None;
        if let (Some((rule, back)), Some(history)) = (overrides.stale, &history) {
            stale = history.view(region, now, back);
            effective.extend(stale.is_some().then_some(rule));
        }
        let mut args = Arguments {
            region: stale.as_mut().unwrap_or(region),
            context: RequestContext {
                options,
                region: &name,
                host: &request.host,
                body: &request.body,
                shortages: &shortages,
            },
            ids: &mut self.ids,
            packages: &mut self.packages,
            input: request.input,
            now,
        };
        let answer = operation(&mut args);
        if let Some((rule, code)) = &overrides.settle_failed {
            effective.extend(args.region.fail_new_transitions(code).then_some(*rule));
        }
        effective.extend(shortages.noticed());
        let region = self.regions.entry(name.clone()).or_default();
        let (before, persisted) = persist(self.disk.as_deref(), &name, region);
        if let Some(history) = history {
            history.record_write(now, before, region);
        }
        // A change that could not be written is not acknowledged, and no read sees it.
        persisted.map_err(|error| ApiError::not_persisted(&error.cause()))?;
        answer
    }

    /// Returns the shortages that the request will meet.
    fn shortages(&mut self, request: &ApiRequest, overrides: &Overrides, now: i64) -> Shortages {
        let mut shortages = Shortages::default();
        overrides.exhausted.iter().for_each(|(rule, capacity)| shortages.exhaust(*rule, *capacity));
        let assumes_role = matches!(request.name, "CreateFunction" | "UpdateFunctionConfiguration");
        if let Some(role) = request.input.get("Role").and_then(Value::as_str).filter(|_| assumes_role) {
            let functions = self.regions.values().flat_map(|region| region.functions.iter());
            let mut roles = functions.map(|(_, function)| function.latest.members.get("Role").and_then(Value::as_str));
            for rule in &overrides.roles {
                if self.roles.is_delayed(*rule, role, now, || roles.any(|other| other == Some(role))) {
                    shortages.delay_role(rule.0);
                }
            }
        }
        shortages
    }
}
