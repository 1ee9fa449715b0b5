use std::sync::Arc;

use anyhow::Result;
use matrix_sdk::{
    Room,
    ruma::{OwnedEventId, events::room::message::RoomMessageEventContent},
};
use matrix_sdk_ui::timeline::{EventTimelineItem, RoomExt as _, Timeline};

use crate::wait::{Unmet, until};

/// A room that somebody has opened.
pub struct OpenRoom {
    pub timeline: Arc<Timeline>,
}

impl OpenRoom {
    pub async fn open(room: &Room) -> Result<Self> {
        Ok(Self::of(room.timeline().await?))
    }

    pub fn of(timeline: Timeline) -> Self {
        Self { timeline: Arc::new(timeline) }
    }

    pub async fn say(&self, body: &str) -> Result<()> {
        self.timeline.send(RoomMessageEventContent::text_plain(body).into()).await?;
        Ok(())
    }

    pub async fn events(&self) -> Vec<EventTimelineItem> {
        let items = self.timeline.items().await;
        items.iter().filter_map(|item| item.as_event().cloned()).collect()
    }

    /// What is written, oldest first; unreadable messages as `(undecryptable)`, deleted ones as `(redacted)`.
    pub async fn texts(&self) -> Vec<String> {
        self.events().await.iter().filter_map(text_of).collect()
    }

    /// Waits for a message with this text that has come from the server.
    pub async fn sees(&self, body: &str) -> Result<EventTimelineItem> {
        self.sees_where(body, |_| Ok(())).await
    }

    /// As `sees`, when the message also meets a condition.
    pub async fn sees_where(
        &self,
        body: &str,
        fits: impl Fn(&EventTimelineItem) -> Result<(), Unmet>,
    ) -> Result<EventTimelineItem> {
        until(&format!("“{body}”"), async || {
            let events = self.events().await;
            let found = events.into_iter().find(|item| text_of(item).as_deref() == Some(body));
            let Some(item) = found else { return Err(format!("{:?}", self.texts().await)) };
            if item.is_local_echo() {
                return Err(format!("a local echo, {:?}", item.send_state()));
            }
            fits(&item)?;
            Ok(item)
        })
        .await
    }
}

pub fn text_of(item: &EventTimelineItem) -> Option<String> {
    let content = item.content();
    if content.is_redacted() {
        return Some("(redacted)".to_owned());
    }
    if content.is_unable_to_decrypt() {
        return Some("(undecryptable)".to_owned());
    }
    content.as_message().map(|message| message.body().to_owned())
}

pub fn event_id_of(item: &EventTimelineItem) -> OwnedEventId {
    item.event_id().expect("came from the server").to_owned()
}
