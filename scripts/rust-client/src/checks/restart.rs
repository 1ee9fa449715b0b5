use anyhow::bail;
use indexmap::IndexMap;
use matrix_sdk::{
    RoomState,
    ruma::{api::client::room::create_room::v3::Request, assign},
};
use matrix_sdk_ui::sync_service::State;

use crate::{
    open_room::{OpenRoom, text_of},
    parent::Parent,
    person::Person,
    report::Report,
    wait::until,
    world::World,
};

/// First the server goes away and comes back, then the app.
pub async fn run(report: &mut Report, mut world: World, parent: &mut Parent) -> World {
    let request = assign!(Request::new(), { name: Some("Shelter".to_owned()) });
    let Some((anns, bobs)) = report.check("a room for the restart is made", world.shared_room(request)).await
    else {
        return world;
    };
    world.ann.look_at(&[&anns]).await;
    world.bob.look_at(&[&bobs]).await;
    report
        .check("a restart of the server is survived, and nothing is lost", async {
            let (ann, bob) = (OpenRoom::open(&anns).await?, OpenRoom::open(&bobs).await?);
            ann.say("before").await?;
            bob.sees("before").await?;
            parent.stop_server().await?;
            until("Ann to be offline", async || match world.ann.sync.state().get() {
                State::Offline => Ok(()),
                state => Err(format!("{state:?}")),
            })
            .await?;
            ann.say("said while the server was down").await?;
            parent.start_server().await?;
            for person in [&world.ann, &world.bob] {
                until("both loops again", async || match person.sync.state().get() {
                    State::Running => Ok(()),
                    state => Err(format!("{state:?}")),
                })
                .await?;
                person.client.send_queue().set_enabled(true).await;
            }
            bob.sees("said while the server was down").await?;
            bob.say("after").await?;
            ann.sees("after").await?;
            // The SDK itself can show a message twice if the answer to sending it meets the sync that brings it.
            let events = ann.events().await;
            let unique: IndexMap<_, _> =
                events.iter().map(|event| (event.event_id(), text_of(event))).collect();
            let texts: Vec<_> = unique.into_values().flatten().collect();
            if texts != ["before", "said while the server was down", "after"] {
                bail!("Ann sees {texts:?}");
            }
            Ok(())
        })
        .await;

    let session = world.ann.client.session().expect("logged in");
    let store = world.store("ann");
    world.ann.close().await;
    let reopened = async {
        let bob = OpenRoom::open(&bobs).await?;
        bob.say("while the app was closed").await?;
        bob.sees("while the app was closed").await?;
        let ann = Person::restore(&world.url, session, &store).await?;
        let room = ann.shown_room(bobs.room_id(), RoomState::Joined).await?;
        ann.look_at(&[&room]).await;
        OpenRoom::open(&room).await?.sees("while the app was closed").await?;
        Ok(ann)
    };
    if let Some(ann) = report.check("the app, reopened, goes on from its store", reopened).await {
        world.ann = ann;
    }
    world
}
