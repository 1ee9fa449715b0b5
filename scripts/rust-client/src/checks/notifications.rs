use anyhow::{Context as _, Result, bail, ensure};
use matrix_sdk::{
    Room,
    ruma::{
        OwnedEventId,
        api::client::{
            push::{PusherIds, PusherInit, PusherKind},
            room::create_room::v3::Request,
        },
        assign,
        events::room::message::RoomMessageEventContent,
        push::HttpPusherData,
    },
};
use matrix_sdk_ui::notification_client::{
    NotificationClient, NotificationItem, NotificationProcessSetup, NotificationStatus,
};

use crate::{person::Person, report::Report, world::World};

/// What the app does when a push wakes it.
pub async fn run(report: &mut Report, world: &World) {
    let request = assign!(Request::new(), { name: Some("Alarm".to_owned()) });
    let Some((anns, bobs)) =
        report.check("a room to be notified of is made", world.shared_room(request)).await
    else {
        return;
    };
    let say = async |body: &str| -> Result<OwnedEventId> {
        Ok(bobs.send(RoomMessageEventContent::text_plain(body)).await?.response.event_id)
    };
    report
        .check("a pushed message is fetched by a short sliding sync", async {
            let item = fetch(&world.ann, &anns, &say("wake up").await?).await?;
            ensure!(item.room_computed_display_name == "Alarm", "room {}", item.room_computed_display_name);
            ensure!(
                item.sender_display_name.as_deref() == Some("Bob Builder"),
                "{:?}",
                item.sender_display_name
            );
            ensure!(item.joined_members_count == 2, "{} members", item.joined_members_count);
            Ok(())
        })
        .await;
    report
        .check("an older one is fetched by its context", async {
            let old = say("long ago").await?;
            for number in 0..20 {
                say(&format!("newer {number}")).await?;
            }
            fetch(&world.ann, &anns, &old).await?;
            Ok(())
        })
        .await;
    report
        .check("a pusher is set and deleted", async {
            let ids = PusherIds::new("a pushkey".to_owned(), "io.element.test".to_owned());
            let gateway = HttpPusherData::new("https://push.example/_matrix/push/v1/notify".to_owned());
            let pusher = PusherInit {
                ids: ids.clone(),
                kind: PusherKind::Http(gateway),
                app_display_name: "Element X".to_owned(),
                device_display_name: "Ann's phone".to_owned(),
                profile_tag: None,
                lang: "en".to_owned(),
            };
            world.ann.client.pusher().set(pusher.into(), false).await?;
            world.ann.client.pusher().delete(ids).await?;
            Ok(())
        })
        .await;
}

async fn fetch(person: &Person, room: &Room, event_id: &OwnedEventId) -> Result<NotificationItem> {
    let setup = NotificationProcessSetup::SingleProcess { sync_service: person.sync.clone() };
    let client = NotificationClient::new(person.client.clone(), setup).await?;
    match client.get_notification(room.room_id(), event_id).await.context("get_notification")? {
        NotificationStatus::Event(item) => Ok(*item),
        other => bail!("{other:?}"),
    }
}
