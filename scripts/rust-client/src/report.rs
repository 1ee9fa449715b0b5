use std::{future::Future, time::Duration};

use anyhow::{Result, anyhow};

/// No check may hang the run.
const LIMIT: Duration = Duration::from_secs(60);

/// Prints one line for each check and counts them.
#[derive(Default)]
pub struct Report {
    pub passed: u32,
    pub failed: u32,
}

impl Report {
    /// Does `work` and prints how it ended. What it gave is needed by later checks, if any.
    pub async fn check<T>(&mut self, name: &str, work: impl Future<Output = Result<T>>) -> Option<T> {
        let outcome = tokio::time::timeout(LIMIT, work)
            .await
            .unwrap_or_else(|_| Err(anyhow!("not done after {} s", LIMIT.as_secs())));
        match outcome {
            Ok(value) => {
                println!("✓ {name}");
                self.passed += 1;
                Some(value)
            }
            Err(error) => {
                println!("✗ {name}: {error:#}");
                self.failed += 1;
                None
            }
        }
    }
}
