use anyhow::{Result, ensure};
use matrix_sdk::{
    RoomState,
    room_directory_search::RoomDirectorySearch,
    ruma::{
        api::client::room::{
            Visibility,
            create_room::v3::{CreationContent, Request, RoomPreset},
        },
        assign,
        room::RoomType,
        serde::Raw,
    },
};
use matrix_sdk_ui::spaces::SpaceService;

use crate::{
    report::Report,
    wait::{expect, until},
    world::World,
};

pub async fn run(report: &mut Report, world: &World) {
    let (ann, bob) = (&world.ann, &world.bob);
    report
        .check("people are found by name", async {
            let results = ann.client.search_users("Bob", 10).await?.results;
            ensure!(results.iter().any(|user| user.user_id == bob.user_id()), "{results:?}");
            Ok(())
        })
        .await;
    report
        .check("the room directory is searched", async {
            let request = assign!(Request::new(), {
                name: Some("Orchard".to_owned()),
                preset: Some(RoomPreset::PublicChat),
                visibility: Visibility::Public,
            });
            let room = bob.client.create_room(request).await?;
            let mut search = RoomDirectorySearch::new(ann.client.clone());
            search.search(Some("orch".to_owned()), 10, None).await?;
            let results = search.results().0;
            ensure!(results.iter().any(|found| found.room_id == room.room_id()), "{results:?}");
            Ok(())
        })
        .await;
    report.check("a space shows its rooms, joined or not", space(world)).await;
    report
        .check("ignored people are remembered by the account", async {
            let bob = bob.user_id();
            ann.client.account().ignore_user(&bob).await?;
            until("the ignored user", async || expect(ann.client.is_user_ignored(&bob).await, true)).await?;
            ann.client.account().unignore_user(&bob).await?;
            until("nobody ignored", async || expect(ann.client.is_user_ignored(&bob).await, false)).await
        })
        .await;
}

async fn space(world: &World) -> Result<()> {
    let (ann, bob) = (&world.ann, &world.bob);
    let creation = assign!(CreationContent::new(), { room_type: Some(RoomType::Space) });
    let request = assign!(Request::new(), {
        name: Some("Estate".to_owned()),
        preset: Some(RoomPreset::PublicChat),
        creation_content: Some(Raw::new(&creation)?),
    });
    let space = bob.client.create_room(request).await?;
    let request = assign!(Request::new(), {
        name: Some("Greenhouse".to_owned()),
        preset: Some(RoomPreset::PublicChat),
    });
    let child = bob.client.create_room(request).await?;
    // A room just made is shown before its state has come with a sync.
    for room in [&space, &child] {
        let room = bob.shown_room(room.room_id(), RoomState::Joined).await?;
        until("the state", async || room.power_levels().await.map(drop).map_err(|error| error.to_string()))
            .await?;
    }
    let bobs_spaces = SpaceService::new(bob.client.clone()).await;
    bobs_spaces.add_child_to_space(child.room_id().to_owned(), space.room_id().to_owned()).await?;

    ann.client.join_room_by_id(space.room_id()).await?;
    let anns = ann.shown_room(space.room_id(), RoomState::Joined).await?;
    until("the room to be a space", async || expect(anns.is_space(), true)).await?;
    let anns_spaces = SpaceService::new(ann.client.clone()).await;
    until("the space at the top level", async || {
        let spaces = anns_spaces.top_level_joined_spaces().await;
        let shown: Vec<_> =
            spaces.iter().map(|space| (space.display_name.as_str(), space.children_count)).collect();
        expect(shown, vec![("Estate", 1)])
    })
    .await?;
    let rooms = anns_spaces.space_room_list(space.room_id().to_owned()).await;
    rooms.paginate().await?;
    let shown: Vec<_> =
        rooms.rooms().await.into_iter().map(|room| (room.display_name, room.num_joined_members)).collect();
    ensure!(shown == [("Greenhouse".to_owned(), 1)], "{shown:?}");
    Ok(())
}
