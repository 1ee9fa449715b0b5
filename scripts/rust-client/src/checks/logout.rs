use anyhow::{Context as _, Result, bail, ensure};
use matrix_sdk::{
    SessionChange,
    ruma::api::client::uiaa::{AuthData, MatrixUserIdentifier, Password, UserIdentifier},
};

use crate::{report::Report, wait::until, world::World};

/// Last of all, since it ends sessions.
pub async fn run(report: &mut Report, world: &World) {
    report.check("a deleted device learns that its session is over", deleted_device(world)).await;
    report
        .check("logout: the token is refused from then on, others stay valid", async {
            let bob = &world.bob.client;
            world.bob.log_out().await?;
            ensure!(bob.whoami().await.is_err(), "the token still works");
            world.ann.client.whoami().await?;
            Ok(())
        })
        .await;
}

async fn deleted_device(world: &World) -> Result<()> {
    let (ann, tablet) = (&world.ann.client, world.fresh_device("ann-deleted").await?);
    let device = tablet.client.device_id().expect("logged in").to_owned();
    ensure!(ann.device_exists(device.clone()).await?, "the new device is not listed");
    let mut changes = tablet.client.subscribe_to_session_changes();

    let devices = [device.clone()];
    let Err(asked) = ann.delete_devices(&devices, None).await else { bail!("deleted without a password") };
    let asked = asked.as_uiaa_response().context("no user-interactive authentication")?;
    let user = UserIdentifier::Matrix(MatrixUserIdentifier::new(world.ann_account.username.clone()));
    let mut password = Password::new(user, world.ann_account.password.clone());
    password.session = asked.session.clone();
    ann.delete_devices(&devices, Some(AuthData::Password(password))).await?;

    until("the session's end", async || match changes.recv().await {
        Ok(SessionChange::UnknownToken(_)) => Ok(()),
        other => Err(format!("{other:?}")),
    })
    .await?;
    tablet.close().await;
    ensure!(!ann.device_exists(device).await?, "the deleted device is still listed");
    Ok(())
}
