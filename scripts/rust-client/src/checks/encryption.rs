use anyhow::{Context as _, Result, bail, ensure};
use matrix_sdk::{
    Room, RoomState,
    encryption::CrossSigningResetAuthType,
    room::edit::EditedContent,
    ruma::{
        api::client::uiaa::{AuthData, MatrixUserIdentifier, Password, UserIdentifier},
        events::room::message::RoomMessageEventContentWithoutRelation,
    },
};

use crate::{
    checks::{second_device, timeline::attachment},
    open_room::{OpenRoom, event_id_of},
    person::Person,
    report::Report,
    wait::{expect, until},
    world::World,
};

pub async fn run(report: &mut Report, world: &World) {
    let (ann, bob) = (&world.ann, &world.bob);
    for (name, person) in [("Ann", ann), ("Bob", bob)] {
        report.check(&format!("{name}'s cross-signing is set up at login"), cross_signed(person)).await;
    }
    let Some((anns, bobs)) =
        report.check("an encrypted direct room is joined", encrypted_room(ann, bob)).await
    else {
        return;
    };
    let opened = async { Ok((OpenRoom::open(&anns).await?, OpenRoom::open(&bobs).await?)) };
    let Some((ann_open, bob_open)) = report.check("encrypted timelines open", opened).await else { return };
    report
        .check("secrets are read in both directions", async {
            for (from, to, body) in
                [(&bob_open, &ann_open, "a secret of Bob"), (&ann_open, &bob_open, "a secret of Ann")]
            {
                from.say(body).await?;
                let item = to.sees(body).await?;
                ensure!(item.encryption_info().is_some(), "it came in the clear");
            }
            Ok(())
        })
        .await;
    report.check("edits and reactions work on encrypted messages", changes(&ann_open, &bob_open)).await;
    report.check("an encrypted attachment arrives and is downloaded", attachment(&ann_open, &bob_open)).await;
    report
        .check("the sender's device is known as signed by its owner", async {
            let devices = ann.client.encryption().get_user_devices(&bob.user_id()).await?;
            ensure!(
                devices.devices().any(|device| device.is_cross_signed_by_owner()),
                "no signed device of Bob"
            );
            Ok(())
        })
        .await;
    let recovery = async {
        let key = ann.client.encryption().recovery().enable().wait_for_backups_to_upload().await?;
        ensure!(ann.client.encryption().backups().fetch_exists_on_server().await?, "no backup on the server");
        Ok(key)
    };
    if let Some(key) = report.check("recovery is enabled and the backup uploaded", recovery).await {
        second_device::run(report, world, &anns, &bob_open, &key).await;
    }
    report.check("a reset of the identity asks for the password", reset_identity(world)).await;
}

pub async fn cross_signed(person: &Person) -> Result<()> {
    until("cross-signing", async || {
        let status = person.client.encryption().cross_signing_status().await.ok_or("no status")?;
        expect(status.is_complete(), true)?;
        let device = person.client.encryption().get_own_device().await.map_err(|error| error.to_string())?;
        expect(device.is_some_and(|device| device.is_cross_signed_by_owner()), true)
    })
    .await
}

/// A direct room that `bob` makes.
pub async fn encrypted_room(ann: &Person, bob: &Person) -> Result<(Room, Room)> {
    let bobs = bob.client.create_dm(&ann.user_id()).await?;
    let anns = ann.shown_room(bobs.room_id(), RoomState::Invited).await?;
    anns.join().await?;
    let anns = ann.shown_room(bobs.room_id(), RoomState::Joined).await?;
    ann.look_at(&[&anns]).await;
    bob.look_at(&[&bobs]).await;
    for room in [&anns, &bobs] {
        until("encryption and the members", async || {
            expect(room.encryption_state().is_encrypted(), true)?;
            expect(room.joined_members_count(), 2)
        })
        .await?;
    }
    Ok((anns, bobs))
}

async fn changes(ann: &OpenRoom, bob: &OpenRoom) -> Result<()> {
    let item = ann.sees("a secret of Ann").await?;
    let content = RoomMessageEventContentWithoutRelation::text_plain("a better secret of Ann");
    ann.timeline.edit(&item.identifier(), EditedContent::RoomMessage(content)).await?;
    let seen = bob.sees("a better secret of Ann").await?;
    ensure!(event_id_of(&seen) == event_id_of(&item), "the edit is a message of its own");
    bob.timeline.toggle_reaction(&seen.identifier(), "🔒").await?;
    ann.sees_where("a better secret of Ann", |item| {
        let reactions =
            item.content().as_msglike().map(|content| content.reactions.clone()).unwrap_or_default();
        expect(reactions.contains_key("🔒"), true)
    })
    .await?;
    Ok(())
}

async fn reset_identity(world: &World) -> Result<()> {
    let encryption = world.bob.client.encryption();
    let handle = encryption.reset_cross_signing().await?.context("the server asked for nothing")?;
    let CrossSigningResetAuthType::Uiaa(info) = handle.auth_type() else { bail!("{:?}", handle.auth_type()) };
    let user = UserIdentifier::Matrix(MatrixUserIdentifier::new(world.bob_account.username.clone()));
    let mut wrong = Password::new(user.clone(), "not the password".to_owned());
    wrong.session = info.session.clone();
    ensure!(handle.auth(Some(AuthData::Password(wrong))).await.is_err(), "a wrong password was taken");
    let mut password = Password::new(user, world.bob_account.password.clone());
    password.session = info.session.clone();
    handle.auth(Some(AuthData::Password(password))).await?;
    cross_signed(&world.bob).await
}
