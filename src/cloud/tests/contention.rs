//! The pace where another client uses the same quota.

use super::*;

/// The requests that AWS grants in a second, and of these the other client's, on average.
const GRANTED: f64 = 15.0;
const OTHERS: f64 = 7.5;

/// The quota of an account at one time: it fills up evenly, for a second at most.
struct Shared {
    tokens: f64,
    at: Instant,
    random: u64,
}

impl Shared {
    /// Lets time pass, in which the other client sends its requests at random, and tells if one more request is granted.
    fn grants(&mut self) -> bool {
        let passed = self.at.elapsed().as_secs_f64();
        self.at = Instant::now();
        self.random = self.random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let luck = (self.random >> 40) as f64 / f64::from(1 << 24) * 2.0;
        self.tokens = (self.tokens + passed * GRANTED).min(GRANTED);
        self.tokens = (self.tokens - passed * OTHERS * luck).max(0.0);
        let is_granted = self.tokens >= 1.0;
        self.tokens -= f64::from(u8::from(is_granted));
        is_granted
    }
}

/// Sends this many calls beside the other client, ten at a time; returns the seconds and the refused calls.
async fn sent(calls: usize, quotas: [RequestQuotas; 2]) -> (f64, u64) {
    let shared = Arc::new(Mutex::new(Shared { tokens: GRANTED, at: Instant::now(), random: 7 }));
    let (mut cloud, _) = answering(quotas[0], move |_| {
        let refused = [("x-amzn-errortype", "TooManyRequestsException")];
        match shared.lock().unwrap().grants() {
            true => alias(),
            false => json(429, &refused, r#"{"message": "Rate exceeded", "Reason": "CallerRateLimitExceeded"}"#),
        }
    });
    cloud.paces = vec![Arc::new(Pacer::new(quotas[0], quotas[1]))];
    let (cloud, began) = (Arc::new(cloud), Instant::now());
    let mut clients = tokio::task::JoinSet::new();
    for _ in 0..10 {
        let cloud = cloud.clone();
        clients.spawn(async move {
            for _ in 0..calls / 10 {
                cloud.send(get()).await.unwrap();
            }
        });
    }
    clients.join_all().await;
    (began.elapsed().as_secs_f64(), cloud.counts().get("throttled").copied().unwrap_or(0))
}

#[tokio::test(start_paused = true)]
async fn a_run_takes_its_share_of_a_contended_quota_and_is_seldom_refused() {
    let aws = RequestQuotas::default();
    let (seconds, refused) = sent(3000, [aws, aws]).await;
    let fair = 3000.0 / (GRANTED - OTHERS);
    println!("{seconds:.0} s, {:.2} of the fair share, {refused} refused", seconds / fair);
    assert!(seconds < 1.3 * fair, "{seconds} s where {fair} are fair");
    assert!(refused < 30, "{refused} calls were refused");
}

#[tokio::test(start_paused = true)]
async fn a_server_without_known_quotas_is_paced_after_its_first_refusal() {
    let quotas = [RequestQuotas::unlimited(), RequestQuotas::default()];
    let (seconds, refused) = sent(1000, quotas).await;
    assert!(refused < 40, "{refused} calls were refused in {seconds} s");
}

#[tokio::test(start_paused = true)]
async fn connections_to_one_account_share_its_quota_and_keep_to_their_shares() {
    let aws = RequestQuotas::default();
    let owner = |region: &str| pacing::QuotaOwner {
        server: None,
        account: "123456789012".to_owned(),
        region: region.to_owned(),
        policy: QuotaPolicy::Aws,
    };
    let send = async |paces: Vec<Arc<Pacer>>, calls: usize| {
        let (mut cloud, _) = answering(aws, |_| alias());
        cloud.paces = paces;
        for _ in 0..calls {
            cloud.send(get()).await.unwrap();
        }
    };
    let shared = |region: &str| Pacer::shared(owner(region), aws, aws);
    let began = Instant::now();
    tokio::join!(send(vec![shared("here")], 150), send(vec![shared("here")], 150), send(vec![shared("there")], 150));
    let seconds = began.elapsed().as_secs_f64();
    assert!((19.0..21.0).contains(&seconds), "300 calls of one account took {seconds} s");
    // A share of a third leaves two thirds.
    let third = RequestQuotas { control: 5.0, ..aws };
    let own = Arc::new(Pacer::new(third, third));
    let began = Instant::now();
    tokio::join!(send(vec![own, shared("here")], 100), send(vec![shared("here")], 200));
    let seconds = began.elapsed().as_secs_f64();
    assert!((19.5..22.0).contains(&seconds), "{seconds} s");
}
