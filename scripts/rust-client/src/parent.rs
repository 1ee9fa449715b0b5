use std::io::Write as _;

use anyhow::{Result, ensure};
use tokio::io::{AsyncBufReadExt as _, BufReader, Lines, Stdin, stdin};
use url::Url;

/// What the parent process does for the client: a line that begins with `@` goes out, a line comes back.
pub struct Parent {
    answers: Lines<BufReader<Stdin>>,
}

impl Parent {
    pub fn new() -> Self {
        Self { answers: BufReader::new(stdin()).lines() }
    }

    pub async fn stop_server(&mut self) -> Result<()> {
        self.order("@stop").await
    }

    pub async fn start_server(&mut self) -> Result<()> {
        self.order("@start").await
    }

    /// Opens the address in the user's browser, where the user logs in and agrees to what is asked.
    /// Returns where the browser ends up.
    pub async fn open(&mut self, username: &str, url: &Url) -> Result<Url> {
        Ok(Url::parse(&self.ask(&format!("@open {username} {url}")).await?)?)
    }

    async fn order(&mut self, command: &str) -> Result<()> {
        let answer = self.ask(command).await?;
        ensure!(answer == "done", "{command} was answered by {answer}");
        Ok(())
    }

    async fn ask(&mut self, command: &str) -> Result<String> {
        println!("{command}");
        std::io::stdout().flush()?;
        Ok(self.answers.next_line().await?.unwrap_or_default())
    }
}
