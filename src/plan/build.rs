//! From what is declared and what was observed to a plan. Pure: the same values in, the same plan out.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::file::Binding;
use super::order::{Loose, arrange};
use super::{Operand, Plan, Planned, Precondition, REVISION, Refusal, Saw, Step, Unmanaged, guard};
use crate::diff::{Difference, Terms, diff};
use crate::graph::Graph;
use crate::kinds::{self, Around, At, Attribute, Attributes, Draft, Guard, Live, STACK_TAG, State};
use crate::model::{Action, Address, Package, Path, Template};
use crate::spec::{Desired, Stack};

/// What was observed of the account.
#[derive(Clone, Debug, Default)]
pub struct Observed {
    /// The declared resources that are there.
    pub live: BTreeMap<Address, Live>,
    /// What is there and not declared.
    pub strays: Vec<Stray>,
    /// What was not looked at, and why.
    pub not_compared: Vec<String>,
}

/// A live resource that the spec does not name.
#[derive(Clone, Debug)]
pub struct Stray {
    /// Where it is; its last key is its identity.
    pub at: At,
    /// What it is.
    pub live: Live,
    /// The declared or stray resource that it belongs to.
    pub parent: Option<Address>,
    /// Why the spec's own rules want it gone, if they do.
    pub surplus: Option<String>,
}

/// What the user has chosen for this plan.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Choice {
    /// Delete what the stack does not name, wherever it may.
    pub prune: bool,
    /// Plan only these resources, and what they need.
    pub targets: Vec<Address>,
    /// Plan all but these resources, and what needs them.
    pub excludes: Vec<Address>,
    /// How much may be done without being asked twice.
    pub limits: guard::Limits,
}

/// A plan with the values that carrying it out takes, which the plan itself does not hold because some are secret.
#[derive(Clone, Debug)]
pub struct Prepared {
    /// The listing.
    pub plan: Plan,
    /// The resources that the plan is about, with every value that could be worked out.
    pub resources: BTreeMap<Address, Subject>,
}

/// One resource of a plan, with its values.
#[derive(Clone, Debug)]
pub struct Subject {
    /// Where it is.
    pub at: At,
    /// What it should be; absent if it is to go.
    pub desired: Option<Value>,
    /// Fields whose value is an output of another resource's steps.
    pub pending: BTreeMap<Path, Template>,
    /// What it was; absent if it is not there.
    pub live: Option<Live>,
    /// What it will be.
    pub after: Option<Value>,
    /// Fields that are not ours.
    pub ignore: Vec<Path>,
    /// Its deployment package.
    pub package: Option<Arc<Package>>,
    attributes: Attributes,
}

/// Makes the plan.
pub fn build(
    stack: &Stack,
    packages: &BTreeMap<Address, Arc<Package>>,
    observed: &Observed,
    choice: &Choice,
) -> Prepared {
    let mut building = Building {
        stack,
        packages,
        observed,
        choice,
        plan: Plan::empty(&stack.scope, &Binding::of(stack).digest, choice),
        done: BTreeMap::new(),
        replaced: BTreeSet::new(),
        loose: Vec::new(),
        revision: BTreeMap::new(),
        last_step: BTreeMap::new(),
    };
    building.unknown();
    for address in building.order() {
        building.resource(&address);
    }
    building.strays();
    let mut plan = building.plan;
    plan.steps = arrange(building.loose);
    plan.unmanaged.sort_by(|a, b| (&a.address, &a.field).cmp(&(&b.address, &b.field)));
    plan.not_compared = observed.not_compared.clone();
    let left_out = stack.resources.keys().filter(|address| !building.done.contains_key(*address)).count();
    if left_out > 0 {
        plan.not_compared.push(format!("{left_out} resources left out by --target or --exclude"));
    }
    plan.refusals.extend(guard::refusals(&plan, &choice.limits));
    Prepared { plan, resources: building.done }
}

struct Building<'a> {
    stack: &'a Stack,
    packages: &'a BTreeMap<Address, Arc<Package>>,
    observed: &'a Observed,
    choice: &'a Choice,
    plan: Plan,
    done: BTreeMap<Address, Subject>,
    replaced: BTreeSet<Address>,
    loose: Vec<Loose>,
    /// Where the newest RevisionId of a resource comes from.
    revision: BTreeMap<Address, Operand>,
    last_step: BTreeMap<Address, u32>,
}

impl Building<'_> {
    /// The declared addresses that this plan is about, each after what it needs.
    fn order(&self) -> Vec<Address> {
        let mut graph = Graph::new();
        for (address, desired) in &self.stack.resources {
            graph.node(address.clone());
            desired.depends_on.iter().for_each(|before| graph.edge(address.clone(), before.clone()));
        }
        let order = graph.order();
        let reach = |start: &[Address], step: &dyn Fn(&Address, &Address) -> bool| {
            let mut reached: BTreeSet<Address> = start.iter().cloned().collect();
            loop {
                let more: Vec<Address> = order
                    .iter()
                    .filter(|address| !reached.contains(*address) && reached.iter().any(|from| step(from, address)))
                    .cloned()
                    .collect();
                if more.is_empty() {
                    return reached;
                }
                reached.extend(more);
            }
        };
        let needs = |from: &Address, to: &Address| {
            self.stack.resources.get(from).is_some_and(|desired| desired.depends_on.contains(to))
        };
        let included = (!self.choice.targets.is_empty()).then(|| reach(&self.choice.targets, &needs));
        let excluded = reach(&self.choice.excludes, &|from, to| needs(to, from));
        order
            .iter()
            .filter(|address| included.as_ref().is_none_or(|included| included.contains(*address)))
            .filter(|address| !excluded.contains(*address) && self.stack.resources.contains_key(*address))
            .cloned()
            .collect()
    }

    /// Refuses choices that name what the spec does not declare, because they would choose something else.
    fn unknown(&mut self) {
        let chosen = self.choice.targets.iter().chain(&self.choice.excludes);
        for address in chosen.filter(|address| !self.stack.resources.contains_key(*address)) {
            self.plan.refusals.push(Refusal {
                address: Some(address.clone()),
                message: format!("the spec declares no {address}"),
                help: "`trueup graph` lists the addresses".to_owned(),
            });
        }
    }

    /// Plans one declared resource.
    fn resource(&mut self, address: &Address) {
        let Some(kind) = kinds::kind(&address.kind) else { return };
        let desired = &self.stack.resources[address];
        let package = self.packages.get(address).cloned();
        let mut value = desired.value.clone();
        let mut pending = desired.pending.clone();
        self.fill(&mut value, &mut pending);
        kind.complete(&mut value, &desired.at, package.as_deref());
        pending.extend(kind.derive(&mut value, &desired.at, &*self));
        self.fill(&mut value, &mut pending);
        let went_with_parent = desired.parent.as_ref().is_some_and(|parent| self.replaced.contains(parent));
        let mut live = self.observed.live.get(address).cloned();
        if went_with_parent && !kind.outlives_parent() {
            live = None;
        }
        let mut seen = live.as_ref().map(|live| live.value.clone());
        if let Some(seen) = &mut seen {
            kind.agree(&value, seen);
        }
        let prune = self.choice.prune || desired.prune || self.stack.prune;
        let terms = Terms { schema: kind.schema(), ignore: &desired.ignore, pending: &pending, prune };
        let difference = diff(Some(&value), seen.as_ref(), &terms);
        let action = decide(live.as_ref(), &difference);
        let drafts = if action == Action::Keep {
            Vec::new()
        } else {
            kind.drafts(&desired.at, action, Some(&value), live.as_ref(), &difference.changes)
        };
        let action = if drafts.is_empty() { Action::Keep } else { action };
        self.refuse(address, desired, live.as_ref(), action);
        // What goes with its parent takes along what hangs on it.
        if action == Action::Replace || (went_with_parent && !kind.outlives_parent()) {
            self.replaced.insert(address.clone());
        }
        let after = after(&value, seen.as_ref(), &difference, &desired.ignore);
        let attributes = kind.attributes(&desired.at, &after, live.as_ref(), action);
        let changes = if action == Action::Keep { Vec::new() } else { difference.changes };
        self.plan.unmanaged.extend(
            difference.unmanaged.into_iter().map(|field| Unmanaged { address: address.clone(), field: Some(field) }),
        );
        self.plan.resources.push(Planned {
            address: address.clone(),
            action,
            predicted: predicted(&attributes, action),
            changes: changes.clone(),
            notes: notes(live.as_ref()),
            saw: live.as_ref().map(saw),
        });
        let subject = Subject {
            at: desired.at.clone(),
            desired: Some(value),
            pending,
            live,
            after: Some(after),
            ignore: desired.ignore.clone(),
            package,
            attributes,
        };
        self.done.insert(address.clone(), subject);
        self.steps(address, action, drafts, &desired.depends_on, BTreeSet::new());
    }

    /// Plans what lives beside the spec: deleted where the spec's rules or pruning say so, reported otherwise.
    fn strays(&mut self) {
        let mut children: BTreeMap<&Address, BTreeSet<Address>> = BTreeMap::new();
        for stray in &self.observed.strays {
            if let Some(parent) = &stray.parent {
                children.entry(parent).or_default().insert(stray.at.address.clone());
            }
        }
        for stray in &self.observed.strays {
            let address = &stray.at.address;
            let Some(kind) = kinds::kind(&address.kind) else { continue };
            if stray.surplus.is_some() && !kind.is_surplus(&stray.at, &stray.live, &*self) {
                continue;
            }
            let owner = stray.parent.as_ref().and_then(|parent| self.stack.resources.get(parent));
            let prune = self.choice.prune || self.stack.prune || owner.is_some_and(|owner| owner.prune);
            let out_of_scope = !self.choice.targets.is_empty()
                || stray.parent.as_ref().is_some_and(|parent| self.choice.excludes.contains(parent));
            if out_of_scope || (stray.surplus.is_none() && !prune) {
                self.plan.unmanaged.push(Unmanaged { address: address.clone(), field: None });
                continue;
            }
            let drafts = kind.drafts(&stray.at, Action::Delete, None, Some(&stray.live), &[]);
            let drafts = drafts.into_iter().map(|mut draft| {
                draft.because = stray.surplus.clone().unwrap_or(draft.because);
                draft
            });
            let drafts: Vec<Draft> = drafts.collect();
            self.plan.resources.push(Planned {
                address: address.clone(),
                action: Action::Delete,
                changes: Vec::new(),
                predicted: BTreeMap::new(),
                notes: notes(Some(&stray.live)),
                saw: Some(saw(&stray.live)),
            });
            let subject = Subject {
                at: stray.at.clone(),
                desired: None,
                pending: BTreeMap::new(),
                live: Some(stray.live.clone()),
                after: None,
                ignore: Vec::new(),
                package: None,
                attributes: Attributes::new(),
            };
            self.done.insert(address.clone(), subject);
            let outlasted_by = children.get(address).cloned().unwrap_or_default();
            self.steps(address, Action::Delete, drafts, &BTreeSet::new(), outlasted_by);
        }
    }

    /// Replaces the references that are known, and shows what is expected of the others.
    fn fill(&self, value: &mut Value, pending: &mut BTreeMap<Path, Template>) {
        pending.retain(|path, template| {
            let mut certain = true;
            let text = template.fill(|reference| match self.attribute(&reference.target, &reference.attribute) {
                Some(Attribute::Known(known)) => Some(plain(&known)),
                Some(Attribute::Predicted(likely)) => {
                    certain = false;
                    Some(plain(&likely))
                }
                _ => None,
            });
            let settled = certain && text.is_some();
            path.set(value, Some(Value::String(text.unwrap_or_else(|| template.to_string()))));
            !settled
        });
    }

    /// Notes why a change must not be made, if the spec or another owner forbids it.
    fn refuse(&mut self, address: &Address, desired: &Desired, live: Option<&Live>, action: Action) {
        let owner = live.and_then(|live| live.owner.clone()).flatten();
        if let Some(owner) = owner.filter(|owner| *owner != self.stack.scope.stack && action != Action::Keep) {
            self.plan.refusals.push(Refusal {
                address: Some(address.clone()),
                message: format!("{address} belongs to the stack `{owner}`"),
                help: format!("declare it in one stack only, or remove its tag {STACK_TAG} first"),
            });
        }
        if action == Action::Replace && desired.prevent_destroy {
            self.plan.refusals.push(Refusal {
                address: Some(address.clone()),
                message: format!("{address} would be replaced, and the spec says `prevent_destroy`"),
                help: "take back the change that forces the replacement, or the protection".to_owned(),
            });
        }
    }

    /// Turns a kind's drafts into steps.
    fn steps(
        &mut self,
        address: &Address,
        action: Action,
        drafts: Vec<Draft>,
        depends_on: &BTreeSet<Address>,
        outlasted_by: BTreeSet<Address>,
    ) {
        for draft in drafts {
            let id = u32::try_from(self.loose.len()).unwrap_or(u32::MAX - 1) + 1;
            let step = Step {
                id,
                address: address.clone(),
                action,
                operation: draft.operation.to_owned(),
                operands: self.operands(address, &draft.covers),
                covers: draft.covers,
                because: draft.because,
                precondition: self.precondition(address, action, &draft.guard),
                moves: draft.moves.clone(),
                after: Vec::new(),
            };
            let output = Operand::Output { step: id, member: REVISION.to_owned() };
            if let Some(other) = draft.moves {
                self.revision.insert(other, output.clone());
            }
            match draft.guard {
                Guard::RevisionOf(other) => drop(self.revision.insert(other, output)),
                _ => drop(self.revision.insert(address.clone(), output)),
            }
            self.last_step.insert(address.clone(), id);
            self.loose.push(Loose {
                step,
                depends_on: depends_on.clone(),
                outlasted_by: outlasted_by.clone(),
                frees: draft.frees,
                takes: draft.takes,
            });
        }
    }

    fn precondition(&self, address: &Address, action: Action, guard: &Guard) -> Precondition {
        let revision = |of: &Address| {
            let live = self.done.get(of).and_then(|subject| subject.live.as_ref());
            let known = live.and_then(|live| live.revision.clone()).map(|id| Operand::Known(Value::String(id)));
            self.revision.get(of).cloned().or(known)
        };
        let own = match guard {
            Guard::Unchanged => None,
            Guard::Revision => revision(address).map(|is| Precondition::Revision { of: address.clone(), is }),
            Guard::RevisionOf(of) => revision(of).map(|is| Precondition::Revision { of: of.clone(), is }),
        };
        own.unwrap_or(match action {
            Action::Create if !self.last_step.contains_key(address) => Precondition::Absent,
            _ => Precondition::Unchanged,
        })
    }

    /// The fields of a step that take their value from earlier steps.
    fn operands(&self, address: &Address, covers: &[Path]) -> BTreeMap<String, Operand> {
        let pending = self.done.get(address).map(|subject| &subject.pending);
        let covered =
            |path: &Path| covers.is_empty() || covers.iter().any(|cover| path.within(cover) || cover.within(path));
        let fields = pending.into_iter().flatten().filter(|(path, _)| covered(path));
        let outputs = fields.filter_map(|(path, template)| {
            let reference = template.references().find(|reference| self.last_step.contains_key(&reference.target))?;
            let step = self.last_step[&reference.target];
            Some((path.to_string(), Operand::Output { step, member: reference.attribute.clone() }))
        });
        outputs.collect()
    }
}

impl Around for Building<'_> {
    fn declared(&self, address: &Address) -> Option<&Value> {
        self.stack.resources.get(address).map(|desired| &desired.value)
    }

    fn planned(&self, address: &Address) -> Option<&Value> {
        self.done.get(address).and_then(|subject| subject.after.as_ref())
    }

    fn attribute(&self, address: &Address, name: &str) -> Option<Attribute> {
        if let Some(subject) = self.done.get(address) {
            return subject.attributes.get(name).cloned();
        }
        let live = self.observed.live.get(address)?;
        live.attributes.get(name).cloned().map(Attribute::Known)
    }

    fn all(&self, kind: &str) -> Vec<&Address> {
        self.stack.resources.keys().filter(|address| address.kind == kind).collect()
    }

    fn observed(&self, address: &Address) -> Option<&Live> {
        self.observed.live.get(address)
    }
}

/// What the difference means for the resource.
fn decide(live: Option<&Live>, difference: &Difference) -> Action {
    let Some(live) = live else { return Action::Create };
    if difference.changes.is_empty() {
        Action::Keep
    } else if difference.changes.iter().any(|change| change.forces_replacement) {
        Action::Replace
    } else if live.owner == Some(None) {
        Action::Adopt
    } else {
        Action::Update
    }
}

/// The value that the resource will have: what is there, with the changes made.
fn after(desired: &Value, live: Option<&Value>, difference: &Difference, ignore: &[Path]) -> Value {
    let Some(live) = live else { return desired.clone() };
    let mut after = live.clone();
    for change in &difference.changes {
        match &change.after {
            Some(value) => change.path.set(&mut after, Some(value.clone())),
            None => vanishing(&change.path, desired, ignore).set(&mut after, None),
        }
    }
    after
}

/// What goes away with a field: the largest thing around it that is not declared at all.
fn vanishing(path: &Path, desired: &Value, ignore: &[Path]) -> Path {
    let around = (1..path.0.len()).map(|length| Path(path.0[..length].to_vec()));
    let gone = around.into_iter().find(|whole| {
        let declared = whole.get(desired).is_some_and(|value| !value.is_null());
        !declared && !ignore.iter().any(|ignored| ignored.within(whole))
    });
    gone.unwrap_or_else(|| path.clone())
}

fn predicted(attributes: &Attributes, action: Action) -> BTreeMap<String, Value> {
    let likely = attributes.iter().filter_map(|(name, attribute)| match attribute {
        Attribute::Predicted(value) => Some(((*name).to_owned(), value.clone())),
        _ => None,
    });
    if action == Action::Keep { BTreeMap::new() } else { likely.collect() }
}

fn notes(live: Option<&Live>) -> Vec<String> {
    let Some(live) = live else { return Vec::new() };
    let state = match &live.state {
        State::Settled => None,
        State::Settling(what) => Some(format!("Lambda is still at work on it: {what}")),
        State::Failed { code, reason } => Some(format!("Lambda gave up on it: {code}: {reason}")),
    };
    state.into_iter().chain(live.notes.iter().cloned()).collect()
}

fn saw(live: &Live) -> Saw {
    Saw { identity: live.identity.clone(), revision: live.revision.clone(), value: live.value.clone() }
}

/// A value as it stands inside a text.
pub fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
