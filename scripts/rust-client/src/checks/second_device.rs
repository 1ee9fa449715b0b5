use anyhow::{Context as _, Result, ensure};
use futures_util::StreamExt as _;
use matrix_sdk::{
    Room, RoomState,
    encryption::{
        VerificationState,
        recovery::RecoveryState,
        verification::{
            SasState, SasVerification, Verification, VerificationRequest, VerificationRequestState,
        },
    },
    ruma::events::key::verification::request::ToDeviceKeyVerificationRequestEvent,
};

use crate::{
    open_room::OpenRoom,
    person::Person,
    report::Report,
    wait::{expect, until},
    world::World,
};

/// A further device of Ann: unreadable history becomes readable, by recovery key or by verification.
pub async fn run(report: &mut Report, world: &World, room: &Room, bob: &OpenRoom, recovery_key: &str) {
    let Some(tablet) = report.check("a second device logs in", world.fresh_device("ann-tablet")).await else {
        return;
    };
    report
        .check("it restores keys and trust from recovery, and reads the history", async {
            let opened = open(&tablet, room).await?;
            until("recovery to be known", async || {
                expect(tablet.client.encryption().recovery().state(), RecoveryState::Incomplete)
            })
            .await?;
            ensure!(
                opened.texts().await.iter().any(|text| text == "(undecryptable)"),
                "it needed no recovery"
            );
            tablet.client.encryption().recovery().recover(recovery_key).await?;
            opened.sees("a secret of Bob").await?;
            opened.sees("a better secret of Ann").await?;
            verified(&tablet).await
        })
        .await;
    report
        .check("it reads what is sent from now on", async {
            bob.say("for all devices").await?;
            open(&tablet, room).await?.sees("for all devices").await?;
            OpenRoom::open(room).await?.sees("for all devices").await?;
            Ok(())
        })
        .await;
    report.check("the second device logs out", tablet.log_out()).await;

    let Some(laptop) = report.check("a third device logs in", world.fresh_device("ann-laptop")).await else {
        return;
    };
    report
        .check("it is verified by emoji from the first, and gets the backup's key", async {
            verify(&laptop, &world.ann).await?;
            verified(&laptop).await?;
            until("the backup", async || {
                expect(laptop.client.encryption().backups().are_enabled().await, true)
            })
            .await?;
            open(&laptop, room).await?.sees("a secret of Bob").await?;
            Ok(())
        })
        .await;
    report.check("the third device logs out", laptop.log_out()).await;
}

pub async fn open(person: &Person, room: &Room) -> Result<OpenRoom> {
    let room = person.shown_room(room.room_id(), RoomState::Joined).await?;
    person.look_at(&[&room]).await;
    let open = OpenRoom::open(&room).await?;
    while !open.timeline.paginate_backwards(50).await? {}
    Ok(open)
}

pub async fn verified(person: &Person) -> Result<()> {
    until("the device to be verified", async || {
        expect(person.client.encryption().verification_state().get(), VerificationState::Verified)
    })
    .await
}

/// Own devices compare emoji, over to-device messages.
pub async fn verify(asker: &Person, other: &Person) -> Result<()> {
    let incoming = other.client.observe_events::<ToDeviceKeyVerificationRequestEvent, ()>();
    let mut incoming = incoming.subscribe();
    // A request from a device that is not known yet is dropped by the SDK.
    let device = asker.client.device_id().context("not logged in")?;
    until("the other device to be known", async || {
        let known = other.client.encryption().get_device(&other.user_id(), device).await;
        known.map_err(|error| error.to_string())?.ok_or("an unknown device".to_owned())
    })
    .await?;
    let own_identity =
        asker.client.encryption().get_user_identity(&asker.user_id()).await?.context("no identity")?;
    let request = own_identity.request_verification().await?;
    let (event, ()) = incoming.next().await.context("no request")?;
    let answer = until("the request", async || {
        let encryption = other.client.encryption();
        let transaction = event.content.transaction_id.as_str();
        encryption.get_verification_request(&event.sender, transaction).await.ok_or("nothing".to_owned())
    })
    .await?;
    answer.accept().await?;
    until("the acceptance", async || expect(request.is_ready(), true)).await?;
    let askers = request.start_sas().await?.context("no emoji comparison")?;
    let others = started_sas(&answer).await?;
    others.accept().await?;
    let (shown, seen) = (emoji(&askers).await?, emoji(&others).await?);
    ensure!(shown == seen, "{shown:?} against {seen:?}");
    askers.confirm().await?;
    others.confirm().await?;
    for sas in [&askers, &others] {
        until("the end of the verification", async || match sas.state() {
            SasState::Done { .. } => Ok(()),
            state => Err(format!("{state:?}")),
        })
        .await?;
    }
    Ok(())
}

async fn started_sas(request: &VerificationRequest) -> Result<SasVerification> {
    until("the comparison to begin", async || match request.state() {
        VerificationRequestState::Transitioned { verification: Verification::SasV1(sas), .. } => Ok(sas),
        state => Err(format!("{state:?}")),
    })
    .await
}

async fn emoji(sas: &SasVerification) -> Result<Vec<&'static str>> {
    until("the emoji", async || {
        sas.emoji()
            .map(|emoji| emoji.map(|one| one.symbol).to_vec())
            .ok_or_else(|| format!("{:?}", sas.state()))
    })
    .await
}
