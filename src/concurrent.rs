//! Runs many tasks, with a limit of those in progress.

use std::future::Future;

use tokio::task::JoinSet;

/// Runs all tasks, at most `limit` at a time, and returns their results in the order in which they finish.
///
/// # Panics
/// Panics if a task panics. The tasks end if the future is dropped.
pub async fn run_all<F>(tasks: impl IntoIterator<Item = F>, limit: usize) -> Vec<F::Output>
where
    F: Future<Output: Send + 'static> + Send + 'static,
{
    let mut waiting = tasks.into_iter();
    let (mut running, mut results) = (JoinSet::new(), Vec::new());
    loop {
        while running.len() < limit.max(1) {
            let Some(task) = waiting.next() else { break };
            running.spawn(task);
        }
        match running.join_next().await {
            None => return results,
            Some(Ok(result)) => results.push(result),
            Some(Err(error)) => std::panic::resume_unwind(error.into_panic()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn every_task_runs_and_no_more_than_the_limit_at_once() {
        for (limit, most) in [(0, 1), (1, 1), (3, 3), (100, 10)] {
            let (running, peak) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
            let tasks = (0..10).map(|number| {
                let (running, peak) = (running.clone(), peak.clone());
                async move {
                    peak.fetch_max(running.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                    tokio::time::sleep(Duration::from_millis(10 - number)).await;
                    running.fetch_sub(1, Ordering::SeqCst);
                    number
                }
            });
            let mut results = run_all(tasks, limit).await;
            results.sort_unstable();
            assert_eq!(results, (0..10).collect::<Vec<_>>());
            assert_eq!(peak.load(Ordering::SeqCst), most, "limit {limit}");
        }
    }
}
