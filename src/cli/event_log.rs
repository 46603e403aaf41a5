//! `--output ndjson=PATH`: what happens while a command plans and applies, a line of JSON at a time.

use std::collections::HashMap;
use std::fs::File;
use std::io::{ErrorKind, Write};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Context;

use super::{CommandError, Exit, pipeline, quoted};
use crate::apply::Event;
use crate::show::events::{self, EventParts};

/// Where events go; clones write to the same places. It writes nothing if there are none.
#[derive(Clone, Default)]
pub struct EventLog(Option<Arc<Mutex<Destinations>>>);

/// The places that lines are written to, and the first failure to do so.
#[derive(Default)]
struct Destinations {
    open: Vec<(String, Box<dyn Write + Send>)>,
    failed: Option<anyhow::Error>,
    /// The reason for which each step of a target waits, which is asked for again and again and written once.
    waits: HashMap<(Option<String>, u32), String>,
}

impl EventLog {
    /// Opens the places, `None` for stdout, and writes who writes.
    pub fn open(paths: &[Option<PathBuf>], command: &str) -> anyhow::Result<EventLog> {
        if paths.is_empty() {
            return Ok(EventLog::default());
        }
        let mut open: Vec<(String, Box<dyn Write + Send>)> = Vec::new();
        for path in paths {
            open.push(match path {
                None => ("stdout".to_owned(), Box::new(std::io::stdout())),
                Some(path) => {
                    let shown = quoted::path(path);
                    let file = File::create(path).with_context(|| format!("could not write the events to {shown}"))?;
                    (shown, Box::new(file))
                }
            });
        }
        let log = EventLog(Some(Arc::new(Mutex::new(Destinations { open, ..Destinations::default() }))));
        log.write(None, [events::version(command)]);
        Ok(log)
    }

    /// Writes an event of planning or applying.
    pub fn progress(&self, target: Option<&str>, event: &Event) {
        let Some(shared) = &self.0 else { return };
        let of_step = |id: u32| (target.map(str::to_owned), id);
        {
            let waits = &mut shared.lock().unwrap_or_else(PoisonError::into_inner).waits;
            match event {
                Event::StepWaiting { step, reason }
                    if waits.insert(of_step(step.id), reason.clone()).as_ref() == Some(reason) =>
                {
                    return;
                }
                Event::StepFinished { step, .. } => drop(waits.remove(&of_step(step.id))),
                _ => {}
            }
        }
        self.write(target, [events::progress(event)]);
    }

    /// Writes events as lines, each at once: whoever follows waits for it.
    pub fn write(&self, target: Option<&str>, events: impl IntoIterator<Item = EventParts>) {
        let Some(shared) = &self.0 else { return };
        let mut destinations = shared.lock().unwrap_or_else(PoisonError::into_inner);
        for event in events {
            let line = events::line(event, pipeline::now(), target);
            let Destinations { open, failed, .. } = &mut *destinations;
            // A place that has failed once takes no more lines: with a gap they would look complete.
            open.retain_mut(|(name, writer)| match writer.write_all(line.as_bytes()).and_then(|()| writer.flush()) {
                Ok(()) => true,
                // Whoever read it has left.
                Err(error) if error.kind() == ErrorKind::BrokenPipe => false,
                Err(error) => {
                    let context = format!("could not write the events to {name}");
                    failed.get_or_insert(anyhow::Error::from(error).context(context));
                    false
                }
            });
        }
    }

    /// Writes the error of a command, or of one of its targets.
    pub fn failed(&self, target: Option<&str>, error: &CommandError) {
        self.write(target, [events::failed(error.shown())]);
    }

    /// Writes the error of a command that failed, and reports if a line could not be written.
    pub fn end(&self, ended: Result<Exit, CommandError>) -> Result<Exit, CommandError> {
        if let Err(error) = &ended {
            self.failed(None, error);
        }
        let failed = self.0.as_ref().and_then(|it| it.lock().unwrap_or_else(PoisonError::into_inner).failed.take());
        match (ended, failed) {
            (Ok(exit), Some(failed)) => CommandError::from(failed).unless_worse(exit),
            (ended, _) => ended,
        }
    }
}
