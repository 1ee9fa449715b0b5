//! Element X's own stack against a homeserver: `rust-client <url> [chapter …]`, two accounts in the environment.
//! One line for each check, at the end `N passed, N failed`; lines that begin with `@` ask the parent process.

#![recursion_limit = "256"]

mod checks;
mod live_view;
mod open_room;
mod parent;
mod person;
mod report;
mod wait;
mod world;

use anyhow::{Context as _, Result};
use parent::Parent;
use person::Account;
use report::Report;
use tracing_subscriber::EnvFilter;
use world::World;

#[tokio::main]
async fn main() -> Result<()> {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("off"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    let mut arguments = std::env::args().skip(1);
    let url = arguments.next().context("usage: rust-client <url> [chapter …]")?;
    let chosen: Vec<String> = arguments.collect();
    let mut report = Report::default();
    let entered = World::enter(url, account("ANN")?, account("BOB")?);
    if let Some(world) = report.check("two accounts log in by password", entered).await {
        run(&mut report, world, &chosen).await;
    }
    println!("{} passed, {} failed", report.passed, report.failed);
    std::process::exit(i32::from(report.failed > 0));
}

const CHAPTERS: [&str; 11] = [
    "session",
    "room-list",
    "timeline",
    "threads",
    "notifications",
    "membership",
    "discovery",
    "encryption",
    "oauth",
    "restart",
    "logout",
];

/// Those that are chosen, or all.
async fn run(report: &mut Report, mut world: World, chosen: &[String]) {
    let mut parent = Parent::new();
    for chapter in CHAPTERS {
        if !chosen.is_empty() && !chosen.iter().any(|name| name == chapter) {
            continue;
        }
        match chapter {
            "session" => checks::session::run(report, &world).await,
            "room-list" => checks::room_list::run(report, &world).await,
            "timeline" => checks::timeline::run(report, &world).await,
            "threads" => checks::threads::run(report, &world).await,
            "notifications" => checks::notifications::run(report, &world).await,
            "discovery" => checks::discovery::run(report, &world).await,
            "membership" => checks::membership::run(report, &world).await,
            "encryption" => checks::encryption::run(report, &world).await,
            "oauth" => checks::oauth::run(report, &world, &mut parent).await,
            "restart" => world = checks::restart::run(report, world, &mut parent).await,
            _ => checks::logout::run(report, &world).await,
        }
    }
}

/// `ANN=username:password`
fn account(name: &str) -> Result<Account> {
    let value = std::env::var(name).with_context(|| format!("{name} is not set"))?;
    let (username, password) = value.split_once(':').context("expected username:password")?;
    Ok(Account { username: username.to_owned(), password: password.to_owned() })
}
