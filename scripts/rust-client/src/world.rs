use std::path::PathBuf;

use anyhow::{Context as _, Result};
use matrix_sdk::{
    Room, RoomState,
    ruma::{
        api::client::room::create_room::v3::{Request, RoomPreset},
        assign,
    },
};
use tempfile::TempDir;

use crate::person::{Account, Person};

/// The server under test, and the people who use it.
pub struct World {
    pub url: String,
    pub ann_account: Account,
    pub bob_account: Account,
    pub ann: Person,
    pub bob: Person,
    stores: TempDir,
}

impl World {
    pub async fn enter(url: String, ann_account: Account, bob_account: Account) -> Result<Self> {
        let stores = tempfile::tempdir()?;
        let ann = Person::log_in(&url, &ann_account, &stores.path().join("ann"), "Ann's phone").await?;
        let bob = Person::log_in(&url, &bob_account, &stores.path().join("bob"), "Bob's phone").await?;
        bob.client.account().set_display_name(Some("Bob Builder")).await?;
        Ok(Self { url, ann_account, bob_account, ann, bob, stores })
    }

    /// A further device of Ann, with an empty store.
    pub async fn fresh_device(&self, name: &str) -> Result<Person> {
        Person::log_in(&self.url, &self.ann_account, &self.store(name), name).await
    }

    /// A folder for a device's databases.
    pub fn store(&self, name: &str) -> PathBuf {
        self.stores.path().join(name)
    }

    /// A room that Bob makes and Ann joins, seen by each.
    pub async fn shared_room(&self, request: Request) -> Result<(Room, Room)> {
        let request = assign!(request, {
            invite: vec![self.ann.user_id()],
            preset: Some(RoomPreset::PrivateChat),
        });
        let bobs = self.bob.client.create_room(request).await.context("createRoom")?;
        let anns = self.ann.shown_room(bobs.room_id(), RoomState::Invited).await?;
        anns.join().await.context("join")?;
        let anns = self.ann.shown_room(bobs.room_id(), RoomState::Joined).await?;
        let bobs = self.bob.shown_room(bobs.room_id(), RoomState::Joined).await?;
        Ok((anns, bobs))
    }
}
