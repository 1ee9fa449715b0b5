use anyhow::{Result, ensure};
use matrix_sdk::{
    Room, RoomState,
    ruma::{
        OwnedRoomId,
        api::client::{
            receipt::create_receipt::v3::ReceiptType,
            room::create_room::v3::{Request, RoomPreset},
        },
        assign,
        events::{
            InitialStateEvent,
            room::{avatar::RoomAvatarEventContent, message::RoomMessageEventContent},
        },
        owned_mxc_uri,
    },
};
use matrix_sdk_ui::timeline::{LatestEventValue, RoomExt as _};

use crate::{
    open_room::OpenRoom,
    person::Person,
    report::Report,
    wait::{Unmet, expect, until},
    world::World,
};

pub async fn run(report: &mut Report, world: &World) {
    let Some((anns_dm, bobs_dm)) =
        report.check("an invitation to a direct room is joined", direct_room(world)).await
    else {
        return;
    };
    let Some((anns_garden, bobs_garden)) =
        report.check("a named room shows name, topic, avatar and members", named_room(world)).await
    else {
        return;
    };
    world.ann.look_at(&[&anns_dm, &anns_garden]).await;
    report
        .check("rooms are ordered by recency and show their latest event", async {
            for (speaker, body, order) in [
                (&bobs_garden, "the roses bloom", ["Garden", "Bob Builder"]),
                (&bobs_dm, "just between us", ["Bob Builder", "Garden"]),
                (&bobs_garden, "so do the tulips", ["Garden", "Bob Builder"]),
            ] {
                speaker.send(RoomMessageEventContent::text_plain(body)).await?;
                let room = if speaker.room_id() == anns_dm.room_id() { &anns_dm } else { &anns_garden };
                until("the latest event", async || shows_latest(room, body).await).await?;
                until("the order", async || {
                    expect(world.ann.shown_names().await, order.map(str::to_owned).to_vec())
                })
                .await?;
            }
            Ok(())
        })
        .await;
    report.check("name and topic change live", rename(&anns_garden, &bobs_garden)).await;
    report.check("unread counts rise and fall with the receipt", unread_counts(&anns_dm, &bobs_dm)).await;
    report
        .check("tags and the unread flag come back as room account data", async {
            anns_garden.set_is_favourite(true, None).await?;
            anns_garden.set_unread_flag(true).await?;
            until("tag and flag", async || {
                expect((anns_garden.is_favourite(), anns_garden.is_marked_unread()), (true, true))
            })
            .await
        })
        .await;
    report.check("typing is seen and ends", typing(&anns_dm, &bobs_dm)).await;
    report
        .check("a list longer than the first window is shown whole", async {
            for number in 1..=24 {
                let request = assign!(Request::new(), { name: Some(format!("Room {number}")) });
                world.ann.client.create_room(request).await?;
            }
            until("26 rooms", async || expect(world.ann.shown_rooms().len(), 26)).await
        })
        .await;
    report
        .check("a fresh device is told of the same rooms with the same recency", async {
            let tablet = world.fresh_device("ann-list").await?;
            until("the same list", async || expect(recency(&tablet), recency(&world.ann))).await?;
            tablet.log_out().await
        })
        .await;
}

async fn direct_room(world: &World) -> Result<(Room, Room)> {
    let (ann, bob) = (&world.ann, &world.bob);
    let request = assign!(Request::new(), {
        invite: vec![ann.user_id()],
        is_direct: true,
        preset: Some(RoomPreset::TrustedPrivateChat),
    });
    let bobs = bob.client.create_room(request).await?;
    let anns = ann.shown_room(bobs.room_id(), RoomState::Invited).await?;
    ann.look_at(&[&anns]).await;
    until("the invitation to be direct", async || direct(&anns).await).await?;
    ensure!(anns.invite_details().await?.inviter.is_some_and(|inviter| inviter.user_id() == bob.user_id()));
    until("the invitation's name", async || shows_name(&anns, "Bob Builder").await).await?;
    until("the invitation as latest event", async || match anns.latest_event().await {
        LatestEventValue::RemoteInvite { inviter, .. } => expect(inviter, Some(bob.user_id())),
        other => Err(format!("{other:?}")),
    })
    .await?;

    anns.join().await?;
    let anns = ann.shown_room(bobs.room_id(), RoomState::Joined).await?;
    until("the name computed from heroes", async || shows_name(&anns, "Bob Builder").await).await?;
    // The client itself notes this in account data, which comes back with a sync.
    until("the joined room to be direct", async || direct(&anns).await).await?;
    until("Bob to see the member", async || expect(bobs.joined_members_count(), 2)).await?;
    until("the hero", async || {
        let heroes: Vec<_> =
            anns.heroes().into_iter().map(|hero| (hero.user_id, hero.display_name)).collect();
        expect(heroes, vec![(bob.user_id(), Some("Bob Builder".to_owned()))])
    })
    .await?;
    Ok((anns, bobs))
}

async fn named_room(world: &World) -> Result<(Room, Room)> {
    let avatar = owned_mxc_uri!("mxc://localhost/garden");
    let avatar_event = InitialStateEvent::with_empty_state_key(assign!(RoomAvatarEventContent::new(), {
        url: Some(avatar.clone()),
    }));
    let request = assign!(Request::new(), {
        name: Some("Garden".to_owned()),
        topic: Some("What grows".to_owned()),
        initial_state: vec![avatar_event.to_raw_any()],
    });
    let (anns, bobs) = world.shared_room(request).await?;
    for room in [&anns, &bobs] {
        until("name, topic, avatar, members", async || {
            shows_name(room, "Garden").await?;
            expect(room.topic().as_deref(), Some("What grows"))?;
            expect(room.avatar_url().as_ref(), Some(&avatar))?;
            expect((room.joined_members_count(), room.invited_members_count()), (2, 0))
        })
        .await?;
    }
    ensure!(!anns.is_direct().await?, "the room counts as direct");
    Ok((anns, bobs))
}

async fn rename(anns: &Room, bobs: &Room) -> Result<()> {
    bobs.set_name("Winter garden".to_owned()).await?;
    bobs.set_room_topic("What sleeps").await?;
    until("the new name and topic", async || {
        shows_name(anns, "Winter garden").await?;
        expect(anns.topic().as_deref(), Some("What sleeps"))
    })
    .await
}

async fn unread_counts(anns: &Room, bobs: &Room) -> Result<()> {
    let open = OpenRoom::open(anns).await?;
    open.sees("just between us").await?;
    open.timeline.mark_as_read(ReceiptType::Read).await?;
    until("nothing unread", async || expect(unread(anns), (0, 0))).await?;
    bobs.send(RoomMessageEventContent::text_plain("one")).await?;
    bobs.send(RoomMessageEventContent::text_plain("two")).await?;
    until("two unread", async || expect(unread(anns), (2, 2))).await?;
    open.sees("two").await?;
    open.timeline.mark_as_read(ReceiptType::Read).await?;
    until("nothing unread again", async || expect(unread(anns), (0, 0))).await
}

fn unread(room: &Room) -> (u64, u64) {
    (room.num_unread_messages(), room.num_unread_notifications())
}

async fn typing(anns: &Room, bobs: &Room) -> Result<()> {
    let (_guard, mut typing) = anns.subscribe_to_typing_notifications();
    bobs.typing_notice(true).await?;
    let typists = typing.recv().await?;
    ensure!(typists == [bobs.own_user_id().to_owned()], "typing: {typists:?}");
    bobs.typing_notice(false).await?;
    let typists = typing.recv().await?;
    ensure!(typists.is_empty(), "still typing: {typists:?}");
    Ok(())
}

async fn shows_name(room: &Room, name: &str) -> Result<(), Unmet> {
    let shown = room.display_name().await.map_err(|error| error.to_string())?;
    expect(shown.to_string().as_str(), name)
}

async fn shows_latest(room: &Room, body: &str) -> Result<(), Unmet> {
    match room.latest_event().await {
        LatestEventValue::Remote { content, .. } => {
            expect(content.as_message().map(|message| message.body()), Some(body))
        }
        other => Err(format!("{other:?}")),
    }
}

async fn direct(room: &Room) -> Result<(), Unmet> {
    expect(room.is_direct().await.map_err(|error| error.to_string())?, true)
}

/// Rooms by stamp. Which of them have a latest event, and so their place on screen, is the client's own affair.
fn recency(person: &Person) -> Vec<(Option<u64>, OwnedRoomId)> {
    let stamp = |room: Room| (room.recency_stamp().map(u64::from), room.room_id().to_owned());
    let mut rooms: Vec<_> = person.shown_rooms().into_iter().map(stamp).collect();
    rooms.sort();
    rooms
}
