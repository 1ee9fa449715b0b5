use std::io::Write as _;

use anyhow::{Result, bail};
use tokio::io::{AsyncBufReadExt as _, BufReader, Lines, Stdin, stdin};

/// Stops and starts the server by asking the parent process: a line `@stop` or `@start` out, `done` back.
pub struct ServerControl {
    answers: Lines<BufReader<Stdin>>,
}

impl ServerControl {
    pub fn new() -> Self {
        Self { answers: BufReader::new(stdin()).lines() }
    }

    pub async fn stop(&mut self) -> Result<()> {
        self.ask("@stop").await
    }

    pub async fn start(&mut self) -> Result<()> {
        self.ask("@start").await
    }

    async fn ask(&mut self, command: &str) -> Result<()> {
        println!("{command}");
        std::io::stdout().flush()?;
        match self.answers.next_line().await?.as_deref() {
            Some("done") => Ok(()),
            answer => bail!("{command} was answered by {answer:?}"),
        }
    }
}
