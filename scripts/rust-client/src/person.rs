use std::{path::Path, sync::Arc};

use anyhow::{Context as _, Result};
use futures_util::{StreamExt as _, pin_mut};
use matrix_sdk::{
    AuthSession, Client, Room, RoomState, ThreadingSupport,
    authentication::oauth::registration::{ApplicationType, ClientMetadata, Localized, OAuthGrantType},
    encryption::{BackupDownloadStrategy, EncryptionSettings},
    ruma::{OwnedUserId, RoomId, serde::Raw},
    sliding_sync::VersionBuilder,
};
use matrix_sdk_ui::{
    room_list_service::{RoomListItem, filters::new_filter_non_left},
    sync_service::SyncService,
};
use tokio::task::JoinHandle;
use url::Url;

use crate::{
    live_view::LiveView,
    parent::Parent,
    wait::{expect, until},
};

/// More rooms than a run makes.
const PAGE_SIZE: usize = 200;

#[derive(Clone)]
pub struct Account {
    pub username: String,
    pub password: String,
}

/// One logged-in device with both sync loops and the room list on screen.
pub struct Person {
    pub client: Client,
    pub sync: Arc<SyncService>,
    rooms: LiveView<RoomListItem>,
    room_list: JoinHandle<()>,
}

impl Person {
    pub async fn log_in(url: &str, account: &Account, store: &Path, device: &str) -> Result<Self> {
        let client = build_client(url, store).await?;
        client
            .matrix_auth()
            .login_username(&account.username, &account.password)
            .initial_device_display_name(device)
            .request_refresh_token()
            .send()
            .await
            .context("login")?;
        Self::start(client).await
    }

    /// As an app does that knows nothing but the address: it registers itself, and its user allows it in the browser.
    pub async fn log_in_by_oauth(
        url: &str,
        username: &str,
        store: &Path,
        parent: &mut Parent,
    ) -> Result<Self> {
        let client = build_client(url, store).await?;
        let redirect_uri = Url::parse("example.roost:/callback")?;
        let metadata = app_metadata(&redirect_uri)?;
        let login = client.oauth().login(redirect_uri, None, Some(metadata.into()), None);
        let asked = login.build().await.context("the app's registration")?;
        let answer = parent.open(username, &asked.url).await?;
        client.oauth().finish_login(answer.into()).await.context("login")?;
        Self::start(client).await
    }

    /// Goes on with the session and the store of a former process.
    pub async fn restore(url: &str, session: AuthSession, store: &Path) -> Result<Self> {
        let client = build_client(url, store).await?;
        client.restore_session(session).await.context("restoring the session")?;
        Self::start(client).await
    }

    async fn start(client: Client) -> Result<Self> {
        client.encryption().wait_for_e2ee_initialization_tasks().await;
        let sync = SyncService::builder(client.clone()).with_offline_mode().build().await?;
        let sync = Arc::new(sync);
        let room_list = sync.room_list_service().all_rooms().await?;
        let rooms = LiveView::new(Default::default());
        let shown = rooms.clone();
        let task = tokio::spawn(async move {
            let (diffs, controller) = room_list.entries_with_dynamic_adapters(PAGE_SIZE);
            controller.set_filter(Box::new(new_filter_non_left()));
            pin_mut!(diffs);
            while let Some(diffs) = diffs.next().await {
                shown.apply(diffs);
            }
        });
        sync.start().await;
        Ok(Self { client, sync, rooms, room_list: task })
    }

    /// Ends the sync loops, as closing the app does.
    pub async fn close(&self) {
        self.sync.stop().await;
        self.room_list.abort();
    }

    pub async fn log_out(&self) -> Result<()> {
        self.close().await;
        Ok(self.client.logout().await?)
    }

    pub fn user_id(&self) -> OwnedUserId {
        self.client.user_id().expect("logged in").to_owned()
    }

    /// The room list as it is shown, first room first.
    pub fn shown_rooms(&self) -> Vec<Room> {
        self.rooms.items().into_iter().map(RoomListItem::into_inner).collect()
    }

    pub async fn shown_names(&self) -> Vec<String> {
        let mut names = Vec::new();
        for room in self.shown_rooms() {
            names.push(room.display_name().await.map(|name| name.to_string()).unwrap_or_default());
        }
        names
    }

    /// Waits until the room list shows the room with this membership.
    pub async fn shown_room(&self, room_id: &RoomId, state: RoomState) -> Result<Room> {
        until("the room in the list", async || {
            let room = self.shown_rooms().into_iter().find(|room| room.room_id() == room_id);
            let room = room.ok_or_else(|| format!("{} other rooms", self.shown_rooms().len()))?;
            expect(room.state(), state)?;
            Ok(room)
        })
        .await
    }

    /// Tells the server that these rooms are on screen.
    pub async fn look_at(&self, rooms: &[&Room]) {
        let ids: Vec<&RoomId> = rooms.iter().map(|room| room.room_id()).collect();
        self.sync.room_list_service().subscribe_to_rooms(&ids).await;
    }
}

fn app_metadata(redirect_uri: &Url) -> Result<Raw<ClientMetadata>> {
    let code = OAuthGrantType::AuthorizationCode { redirect_uris: vec![redirect_uri.clone()] };
    let home_page = Localized::new(Url::parse("https://roost.example/")?, []);
    let grants = vec![code, OAuthGrantType::DeviceCode];
    let mut metadata = ClientMetadata::new(ApplicationType::Native, grants, home_page);
    metadata.client_name = Some(Localized::new("Rust app".to_owned(), []));
    Ok(Raw::new(&metadata)?)
}

/// The settings of Element X.
async fn build_client(url: &str, store: &Path) -> Result<Client> {
    Client::builder()
        .server_name_or_homeserver_url(url)
        .sliding_sync_version_builder(VersionBuilder::DiscoverNative)
        .sqlite_store(store, None)
        .handle_refresh_tokens()
        // The certificate is made for the run.
        .disable_ssl_verification()
        .with_encryption_settings(EncryptionSettings {
            auto_enable_cross_signing: true,
            backup_download_strategy: BackupDownloadStrategy::AfterDecryptionFailure,
            auto_enable_backups: true,
        })
        .with_enable_share_history_on_invite(true)
        .with_threading_support(ThreadingSupport::Enabled { with_subscriptions: true })
        .build()
        .await
        .context("discovery")
}
