use anyhow::{Result, ensure};
use matrix_sdk::{
    Room, RoomState,
    ruma::{api::client::room::create_room::v3::Request, assign},
};
use matrix_sdk_ui::timeline::{EventTimelineItem, RoomExt as _, TimelineFocus};

use crate::{
    open_room::{OpenRoom, event_id_of},
    report::Report,
    wait::{expect, until},
    world::World,
};

pub async fn run(report: &mut Report, world: &World) {
    let request = assign!(Request::new(), { name: Some("Library".to_owned()) });
    let Some((anns, bobs)) = report.check("a room for threads is made", world.shared_room(request)).await
    else {
        return;
    };
    world.ann.look_at(&[&anns]).await;
    world.bob.look_at(&[&bobs]).await;
    let Some(root) = report.check("a thread is answered and counted", thread(&anns, &bobs)).await else {
        return;
    };
    report
        .check("the list of threads shows it", async {
            let threads = anns.thread_list_service();
            threads.paginate().await?;
            let items = threads.items();
            let found = items.iter().find(|item| item.root_event.event_id == event_id_of(&root));
            ensure!(found.is_some_and(|item| item.num_replies == 2), "{items:?}");
            Ok(())
        })
        .await;
    report
        .check("a fresh device pages the thread in", async {
            let tablet = world.fresh_device("ann-threads").await?;
            let room = tablet.shown_room(anns.room_id(), RoomState::Joined).await?;
            let thread = open_thread(&room, &root).await?;
            // A sync that comes in between makes the SDK begin again, so paging once may not be enough.
            until("the whole thread", async || {
                thread.timeline.paginate_backwards(20).await.map_err(|error| error.to_string())?;
                expect(
                    thread.texts().await,
                    ["a question", "a first answer", "a second answer"].map(str::to_owned).to_vec(),
                )
            })
            .await?;
            tablet.log_out().await
        })
        .await;
    report
        .check("a message is pinned and seen as pinned", async {
            bobs.pin_event(&event_id_of(&root)).await?;
            until("the pin", async || expect(anns.pinned_event_ids(), Some(vec![event_id_of(&root)])))
                .await?;
            let pinned = anns.timeline_builder().with_focus(TimelineFocus::PinnedEvents).build().await?;
            OpenRoom::of(pinned).sees("a question").await?;
            Ok(())
        })
        .await;
}

async fn thread(anns: &Room, bobs: &Room) -> Result<EventTimelineItem> {
    let (ann, bob) = (OpenRoom::open(anns).await?, OpenRoom::open(bobs).await?);
    ann.say("a question").await?;
    let root = bob.sees("a question").await?;
    let answers = open_thread(bobs, &root).await?;
    for answer in ["a first answer", "a second answer"] {
        answers.say(answer).await?;
        answers.sees(answer).await?;
    }
    open_thread(anns, &root).await?.sees("a second answer").await?;
    ann.sees_where("a question", |item| {
        let summary = item.content().as_msglike().and_then(|content| content.thread_summary.clone());
        expect(summary.map(|summary| summary.num_replies), Some(2))
    })
    .await
}

async fn open_thread(room: &Room, root: &EventTimelineItem) -> Result<OpenRoom> {
    let focus = TimelineFocus::Thread { root_event_id: event_id_of(root) };
    Ok(OpenRoom::of(room.timeline_builder().with_focus(focus).build().await?))
}
