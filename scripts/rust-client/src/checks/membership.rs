use anyhow::{Result, ensure};
use matrix_sdk::{
    Room, RoomState,
    ruma::{
        api::client::room::create_room::v3::{Request, RoomPreset},
        assign,
    },
};

use crate::{
    person::Person,
    report::Report,
    wait::{expect, until},
    world::World,
};

pub async fn run(report: &mut Report, world: &World) {
    let (ann, bob) = (&world.ann, &world.bob);
    report
        .check("a rejected invitation leaves the list", async {
            let (anns, _) = invited(world, "Unwanted").await?;
            anns.leave().await?;
            gone(ann, &anns, RoomState::Left).await
        })
        .await;
    report
        .check("a withdrawn invitation leaves the list", async {
            let (anns, bobs) = invited(world, "Withdrawn").await?;
            bobs.kick_user(&ann.user_id(), None).await?;
            gone(ann, &anns, RoomState::Left).await
        })
        .await;
    report
        .check("a left room leaves the list, and the other side counts one less", async {
            let (anns, bobs) = joined(world, "Left").await?;
            anns.leave().await?;
            gone(ann, &anns, RoomState::Left).await?;
            until("one member", async || expect(bobs.joined_members_count(), 1)).await
        })
        .await;
    report
        .check("a room that another device leaves is left here too", async {
            let (anns, _) = joined(world, "Left elsewhere").await?;
            let other = world.fresh_device("ann-elsewhere").await?;
            other.shown_room(anns.room_id(), RoomState::Joined).await?.leave().await?;
            gone(ann, &anns, RoomState::Left).await?;
            other.log_out().await
        })
        .await;
    report
        .check("a kick, a new invitation and a ban are seen", async {
            let (anns, bobs) = joined(world, "Back and forth").await?;
            bobs.kick_user(&ann.user_id(), Some("go")).await?;
            gone(ann, &anns, RoomState::Left).await?;
            bobs.invite_user_by_id(&ann.user_id()).await?;
            ann.shown_room(anns.room_id(), RoomState::Invited).await?.join().await?;
            ann.shown_room(anns.room_id(), RoomState::Joined).await?;
            bobs.ban_user(&ann.user_id(), Some("gone")).await?;
            gone(ann, &anns, RoomState::Banned).await
        })
        .await;
    report
        .check("a public room is previewed, found by alias and joined", async {
            let request = assign!(Request::new(), {
                name: Some("Market".to_owned()),
                room_alias_name: Some("market".to_owned()),
                preset: Some(RoomPreset::PublicChat),
            });
            let bobs = bob.client.create_room(request).await?;
            let alias = bobs.canonical_alias();
            let alias = match alias {
                Some(alias) => alias,
                None => until("the alias", async || bobs.canonical_alias().ok_or("none".to_owned())).await?,
            };
            let preview = ann.client.get_room_preview((&*alias).into(), Vec::new()).await?;
            ensure!(
                preview.name.as_deref() == Some("Market") && preview.num_joined_members == 1,
                "{preview:?}"
            );
            ann.client.join_room_by_id_or_alias((&*alias).into(), &[]).await?;
            ann.shown_room(bobs.room_id(), RoomState::Joined).await?;
            Ok(())
        })
        .await;
}

async fn invited(world: &World, name: &str) -> Result<(Room, Room)> {
    let request = assign!(Request::new(), { name: Some(name.to_owned()), invite: vec![world.ann.user_id()] });
    let bobs = world.bob.client.create_room(request).await?;
    let anns = world.ann.shown_room(bobs.room_id(), RoomState::Invited).await?;
    Ok((anns, bobs))
}

async fn joined(world: &World, name: &str) -> Result<(Room, Room)> {
    world.shared_room(assign!(Request::new(), { name: Some(name.to_owned()) })).await
}

async fn gone(person: &Person, room: &Room, state: RoomState) -> Result<()> {
    until("the room to go", async || {
        expect(room.state(), state)?;
        expect(person.shown_rooms().iter().any(|shown| shown.room_id() == room.room_id()), false)
    })
    .await
}
