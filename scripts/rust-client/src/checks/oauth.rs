use anyhow::{Result, bail, ensure};
use matrix_sdk::{AuthSession, Room, encryption::CrossSigningResetAuthType};

use crate::{
    checks::{
        encryption::{cross_signed, encrypted_room},
        second_device::{open, verified, verify},
    },
    open_room::OpenRoom,
    parent::Parent,
    person::Person,
    report::Report,
    wait::{expect, until},
    world::World,
};

/// An account that is used by OAuth 2.0 alone.
const CLEO: &str = "cleo";

pub async fn run(report: &mut Report, world: &World, parent: &mut Parent) {
    let login = log_in(world, "cleo-phone", parent);
    let Some(phone) = report.check("OAuth: an app registers itself and logs in by the browser", login).await
    else {
        return;
    };
    report.check("OAuth: its cross-signing is set up at login", cross_signed(&phone)).await;
    let rooms = encrypted_room(&phone, &world.bob);
    let Some((cleos, bobs)) = report.check("OAuth: it joins an encrypted room", rooms).await else { return };
    report.check("OAuth: secrets are read in both directions", secrets(&cleos, &bobs)).await;
    let recovery =
        async { Ok(phone.client.encryption().recovery().enable().wait_for_backups_to_upload().await?) };
    if let Some(key) = report.check("OAuth: recovery is enabled and the backup uploaded", recovery).await {
        let second = async {
            let tablet = log_in(world, "cleo-tablet", parent).await?;
            tablet.client.encryption().recovery().recover(&key).await?;
            open(&tablet, &cleos).await?.sees("a secret of Bob").await?;
            verified(&tablet).await?;
            tablet.log_out().await
        };
        report.check("OAuth: a second device restores from the backup, and logs out", second).await;
    }
    let third = async {
        let laptop = log_in(world, "cleo-laptop", parent).await?;
        verify(&laptop, &phone).await?;
        verified(&laptop).await?;
        laptop.log_out().await
    };
    report.check("OAuth: a third device is verified by emoji from the first", third).await;
    let refreshed = refresh(world, phone, &cleos, &bobs);
    let Some(phone) = report.check("OAuth: refreshed tokens go on with the session", refreshed).await else {
        return;
    };
    let reset = async {
        let handle = phone.client.encryption().reset_cross_signing().await?;
        let Some(handle) = handle else { bail!("the server asked for nothing") };
        let CrossSigningResetAuthType::OAuth(info) = handle.auth_type() else {
            bail!("{:?}", handle.auth_type())
        };
        parent.open(CLEO, &info.approval_url).await?;
        handle.auth(None).await?;
        cross_signed(&phone).await
    };
    report.check("OAuth: a reset of the identity is allowed in the browser", reset).await;
    report
        .check("OAuth: sign-out ends both tokens, and no other device", sign_out(world, phone, parent))
        .await;
}

async fn log_in(world: &World, store: &str, parent: &mut Parent) -> Result<Person> {
    Person::log_in_by_oauth(&world.url, CLEO, &world.store(store), parent).await
}

async fn secrets(cleos: &Room, bobs: &Room) -> Result<()> {
    let (cleo, bob) = (OpenRoom::open(cleos).await?, OpenRoom::open(bobs).await?);
    for (from, to, body) in [(&bob, &cleo, "a secret of Bob"), (&cleo, &bob, "a secret of Cleo")] {
        from.say(body).await?;
        ensure!(to.sees(body).await?.encryption_info().is_some(), "it came in the clear");
    }
    Ok(())
}

/// While it syncs, and when it is opened with an access token that has ended.
async fn refresh(world: &World, phone: Person, cleos: &Room, bobs: &Room) -> Result<Person> {
    let before = phone.client.session_tokens();
    phone.client.refresh_access_token().await?;
    let after = phone.client.session_tokens();
    ensure!(
        before.as_ref().map(|tokens| &tokens.access_token)
            != after.as_ref().map(|tokens| &tokens.access_token)
    );
    ensure!(
        before.as_ref().map(|tokens| &tokens.refresh_token)
            != after.as_ref().map(|tokens| &tokens.refresh_token)
    );
    let bob = OpenRoom::open(bobs).await?;
    bob.say("after the refresh").await?;
    OpenRoom::open(cleos).await?.sees("after the refresh").await?;

    let Some(AuthSession::OAuth(mut session)) = phone.client.session() else { bail!("no session of OAuth") };
    phone.close().await;
    session.user.tokens.access_token = before.map(|tokens| tokens.access_token).unwrap_or_default();
    let phone = Person::restore(&world.url, AuthSession::OAuth(session), &world.store("cleo-phone")).await?;
    bob.say("after the app was closed").await?;
    open(&phone, cleos).await?.sees("after the app was closed").await?;
    until("new tokens", async || {
        let tokens = phone.client.session_tokens();
        expect(tokens != after, true)
    })
    .await?;
    Ok(phone)
}

async fn sign_out(world: &World, phone: Person, parent: &mut Parent) -> Result<()> {
    let other = log_in(world, "cleo-desktop", parent).await?;
    let device = phone.client.device_id().expect("logged in").to_owned();
    phone.log_out().await?;
    ensure!(phone.client.whoami().await.is_err(), "the access token still works");
    ensure!(phone.client.refresh_access_token().await.is_err(), "the refresh token still works");
    ensure!(!other.client.device_exists(device).await?, "the device is still listed");
    other.client.whoami().await?;
    other.log_out().await
}
