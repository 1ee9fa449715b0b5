use anyhow::{Result, ensure};
use matrix_sdk::{ruma::api::client::profile::DisplayName, sliding_sync::Version};
use matrix_sdk_ui::{room_list_service::State as ListState, sync_service::State};

use crate::{person::Person, report::Report, wait::until, world::World};

pub async fn run(report: &mut Report, world: &World) {
    let ann = &world.ann;
    report
        .check("discovery finds native sliding sync", async {
            ensure!(matches!(ann.client.sliding_sync_version(), Version::Native));
            Ok(())
        })
        .await;
    report
        .check("the session is who it says it is", async {
            let whoami = ann.client.whoami().await?;
            ensure!(whoami.user_id == ann.user_id() && whoami.device_id.as_deref() == ann.client.device_id());
            Ok(())
        })
        .await;
    report.check("both sync loops run", both_loops_run(ann)).await;
    report
        .check("a profile is read by others", async {
            let name = ann.client.account().fetch_user_profile_of(&world.bob.user_id()).await?;
            let name = name.get_static::<DisplayName>()?;
            ensure!(name.as_deref() == Some("Bob Builder"), "read {name:?}");
            Ok(())
        })
        .await;
    report
        .check("refresh: a new access token goes on with the session", async {
            let before = ann.client.access_token();
            ann.client.refresh_access_token().await?;
            ensure!(ann.client.access_token() != before, "the token is unchanged");
            ann.client.whoami().await?;
            Ok(())
        })
        .await;
    report
        .check("account settings: capabilities, devices, upload limit, push rules", async {
            ann.client.homeserver_capabilities().refresh().await?;
            ensure!(ann.client.homeserver_capabilities().can_change_displayname().await?);
            let devices = ann.client.devices().await?.devices;
            ensure!(devices.iter().any(|device| device.display_name.as_deref() == Some("Ann's phone")));
            ensure!(u64::from(ann.client.load_or_fetch_max_upload_size().await?) > 0);
            ensure!(!ann.client.account().push_rules().await?.underride.is_empty());
            Ok(())
        })
        .await;
}

async fn both_loops_run(person: &Person) -> Result<()> {
    until("both loops", async || match person.sync.state().get() {
        State::Running => Ok(()),
        state => Err(format!("{state:?}")),
    })
    .await?;
    // The service is "running" once started: only an answer to the room list's requests proves it.
    until("a synced room list", async || match person.sync.room_list_service().state().get() {
        ListState::Running => Ok(()),
        state => Err(format!("{state:?}")),
    })
    .await
}
