use std::time::{Duration, Instant};

use anyhow::{Result, bail};

const LIMIT: Duration = Duration::from_secs(20);
const PAUSE: Duration = Duration::from_millis(50);

/// What a probe saw instead of what is waited for.
pub type Unmet = String;

/// Looks again and again until `probe` gives a value. Fails with what it saw last.
pub async fn until<T>(what: &str, mut probe: impl AsyncFnMut() -> Result<T, Unmet>) -> Result<T> {
    let end = Instant::now() + LIMIT;
    loop {
        match probe().await {
            Ok(value) => return Ok(value),
            Err(seen) if Instant::now() > end => bail!("waited in vain for {what}; saw {seen}"),
            Err(_) => tokio::time::sleep(PAUSE).await,
        }
    }
}

/// For probes that compare: the value itself is the evidence.
pub fn expect<T: PartialEq + std::fmt::Debug>(seen: T, wanted: T) -> Result<(), Unmet> {
    if seen == wanted { Ok(()) } else { Err(format!("{seen:?} instead of {wanted:?}")) }
}
