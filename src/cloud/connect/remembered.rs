//! Credentials that are resolved once: a source may be a program, or a service that counts its requests.

use std::time::{Duration, SystemTime};

use aws_credential_types::provider::{self, future};
use aws_sdk_lambda::config::{Credentials, ProvideCredentials, SharedCredentialsProvider};
use tokio::sync::Mutex;

/// The time before their expiry from which credentials are resolved again.
const MARGIN: Duration = Duration::from_secs(120);

/// A source of credentials that is asked again only shortly before they expire.
#[derive(Debug)]
pub(super) struct Remembered {
    source: SharedCredentialsProvider,
    last: Mutex<Option<Credentials>>,
}

impl Remembered {
    /// Remembers the credentials of a source.
    pub fn new(source: SharedCredentialsProvider) -> Remembered {
        Remembered { source, last: Mutex::default() }
    }

    async fn credentials(&self) -> provider::Result {
        let mut last = self.last.lock().await;
        if let Some(credentials) = last.as_ref().filter(|credentials| is_fresh(credentials)) {
            return Ok(credentials.clone());
        }
        let credentials = self.source.provide_credentials().await?;
        *last = Some(credentials.clone());
        Ok(credentials)
    }
}

impl ProvideCredentials for Remembered {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(self.credentials())
    }
}

#[expect(clippy::disallowed_methods, reason = "credentials expire at a time of day")]
fn is_fresh(credentials: &Credentials) -> bool {
    credentials.expiry().is_none_or(|expiry| expiry > SystemTime::now() + MARGIN)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[derive(Debug)]
    struct Counted(Arc<AtomicUsize>, Option<Duration>);

    impl ProvideCredentials for Counted {
        #[expect(clippy::disallowed_methods, reason = "credentials expire at a time of day")]
        fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
        where
            Self: 'a,
        {
            self.0.fetch_add(1, Ordering::Relaxed);
            let expiry = self.1.map(|lifetime| SystemTime::now() + lifetime);
            future::ProvideCredentials::ready(Ok(Credentials::new("id", "key", None, expiry, "test")))
        }
    }

    #[tokio::test]
    async fn a_source_is_asked_once_until_its_credentials_are_about_to_expire() {
        for (lifetime, asked) in [(None, 1), (Some(3600), 1), (Some(60), 3)] {
            let count = Arc::new(AtomicUsize::new(0));
            let source = Counted(count.clone(), lifetime.map(Duration::from_secs));
            let remembered = Remembered::new(SharedCredentialsProvider::new(source));
            for _ in 0..3 {
                remembered.provide_credentials().await.unwrap();
            }
            assert_eq!(count.load(Ordering::Relaxed), asked, "{lifetime:?}");
        }
    }
}
