use std::collections::{BTreeMap, HashSet};

use anyhow::{Context as _, Result, bail, ensure};
use futures_util::StreamExt as _;
use matrix_sdk::{
    RoomState,
    media::{MediaFormat, MediaRequestParameters},
    room::edit::EditedContent,
    ruma::{
        api::client::{receipt::create_receipt::v3::ReceiptType, room::create_room::v3::Request},
        assign,
        events::room::message::{
            MessageType, RoomMessageEventContent, RoomMessageEventContentWithoutRelation,
        },
    },
};
use matrix_sdk_ui::timeline::{
    AttachmentConfig, AttachmentSource, EventSendState, EventTimelineItem, TimelineDetails,
};
use serde::de::IgnoredAny;

use crate::{
    open_room::{OpenRoom, event_id_of, text_of},
    report::Report,
    wait::{expect, until},
    world::World,
};

const HISTORY: usize = 60;

pub async fn run(report: &mut Report, world: &World) {
    let request = assign!(Request::new(), { name: Some("Workshop".to_owned()) });
    let Some((anns, bobs)) = report.check("a room for talking is made", world.shared_room(request)).await
    else {
        return;
    };
    world.ann.look_at(&[&anns]).await;
    world.bob.look_at(&[&bobs]).await;
    let opened = async { Ok((OpenRoom::open(&anns).await?, OpenRoom::open(&bobs).await?)) };
    let Some((ann, bob)) = report.check("timelines open", opened).await else { return };

    report.check("a local echo becomes the sent message, once", local_echo(&ann, &bob)).await;
    report
        .check("messages arrive live in both directions", async {
            bob.sees("echo").await?;
            bob.say("hello Ann").await?;
            ann.sees("hello Ann").await?;
            Ok(())
        })
        .await;
    report.check("an edit replaces the text", edit(&ann, &bob)).await;
    report.check("a reaction appears and is taken back", reaction(&ann, &bob)).await;
    report.check("a reply carries what it answers", reply(&ann, &bob)).await;
    report.check("a redaction empties the message", redaction(&ann, &bob)).await;
    report.check("an attachment arrives and is downloaded", attachment(&ann, &bob)).await;
    report.check("a read receipt moves to the newest message", read_receipt(&ann, &bob)).await;
    report
        .check("history beyond the window is paged in to the start, nothing twice", async {
            for number in 1..=HISTORY {
                bobs.send(RoomMessageEventContent::text_plain(format!("line {number}"))).await?;
            }
            let third = world.fresh_device("ann-history").await?;
            let room = third.shown_room(anns.room_id(), RoomState::Joined).await?;
            third.look_at(&[&room]).await;
            let open = OpenRoom::open(&room).await?;
            open.sees(&format!("line {HISTORY}")).await?;
            let window = open.texts().await.len();
            ensure!(window < HISTORY, "{window} messages came without paging");
            while !open.timeline.paginate_backwards(20).await? {}
            let texts = open.texts().await;
            let lines: Vec<_> = texts.iter().filter(|text| text.starts_with("line ")).cloned().collect();
            let wanted: Vec<_> = (1..=HISTORY).map(|number| format!("line {number}")).collect();
            ensure!(lines == wanted, "paged in: {texts:?}");
            ensure!(texts.iter().any(|text| text == "hello Ann"), "the start is missing: {texts:?}");
            let ids: Vec<_> = open.events().await.iter().map(event_id_of).collect();
            ensure!(ids.len() == ids.iter().collect::<HashSet<_>>().len(), "events are doubled");
            third.log_out().await
        })
        .await;
}

/// A client knows its own message by the transaction id that comes back to it, and to nobody else.
async fn local_echo(ann: &OpenRoom, bob: &OpenRoom) -> Result<()> {
    let (mut shown, mut diffs) = ann.timeline.subscribe().await;
    ann.say("echo").await?;
    let mut stages = Vec::new();
    while stages.last() != Some(&"remote") {
        for diff in diffs.next().await.context("the timeline ended")? {
            diff.apply(&mut shown);
        }
        let mut events = shown.iter().filter_map(|item| item.as_event());
        let Some(echo) = events.rfind(|item| text_of(item).as_deref() == Some("echo")) else { continue };
        stages.push(match echo.send_state() {
            None => "remote",
            Some(EventSendState::NotSentYet { .. }) => "sending",
            Some(EventSendState::Sent { .. }) => "sent",
            Some(EventSendState::SendingFailed { error, .. }) => bail!("sending failed: {error}"),
        });
    }
    ensure!(stages.first() == Some(&"sending"), "stages: {stages:?}");
    let event_id = event_id_of(&ann.sees("echo").await?);
    bob.sees("echo").await?;
    // Two answers that arrive together can make the SDK show one event twice; but never an echo beside it.
    // While it replaces a stretch of its timeline, nothing is shown.
    until("the message, once", async || {
        let events = ann.events().await;
        let echoes = events.iter().filter(|item| text_of(item).as_deref() == Some("echo"));
        let ids: HashSet<_> = echoes.map(|item| item.identifier()).collect();
        if ids.len() == 1 { Ok(()) } else { Err(format!("{ids:?}")) }
    })
    .await?;
    for (side, knows) in [(ann, true), (bob, false)] {
        let event = side.timeline.room().event(&event_id, None).await?;
        let unsigned = event.raw().get_field::<BTreeMap<String, IgnoredAny>>("unsigned")?.unwrap_or_default();
        ensure!(unsigned.contains_key("transaction_id") == knows, "unsigned: {:?}", unsigned.keys());
    }
    Ok(())
}

async fn edit(ann: &OpenRoom, bob: &OpenRoom) -> Result<()> {
    ann.say("helo").await?;
    let item = ann.sees("helo").await?;
    let content = RoomMessageEventContentWithoutRelation::text_plain("hello, corrected");
    ann.timeline.edit(&item.identifier(), EditedContent::RoomMessage(content)).await?;
    for side in [ann, bob] {
        let edited = side.sees("hello, corrected").await?;
        ensure!(edited.event_id() == item.event_id(), "the edit is a message of its own");
        ensure!(edited.content().as_message().is_some_and(|message| message.is_edited()));
    }
    Ok(())
}

async fn reaction(ann: &OpenRoom, bob: &OpenRoom) -> Result<()> {
    let item = bob.sees("hello, corrected").await?;
    let reactors = |item: &EventTimelineItem| {
        let reactions =
            item.content().as_msglike().map(|content| content.reactions.clone()).unwrap_or_default();
        reactions.get("🌱").map(|by_sender| by_sender.len()).unwrap_or(0)
    };
    for wanted in [1, 0] {
        bob.timeline.toggle_reaction(&item.identifier(), "🌱").await?;
        for side in [ann, bob] {
            side.sees_where("hello, corrected", |item| expect(reactors(item), wanted)).await?;
        }
        until("the reaction to be sent", async || {
            let settled =
                bob.timeline.room().send_queue().subscribe().await.map_err(|error| error.to_string())?.0;
            expect(settled.len(), 0)
        })
        .await?;
    }
    Ok(())
}

async fn reply(ann: &OpenRoom, bob: &OpenRoom) -> Result<()> {
    let question = bob.sees("hello, corrected").await?;
    let content = RoomMessageEventContentWithoutRelation::text_plain("an answer");
    bob.timeline.send_reply(content, event_id_of(&question)).await?;
    for side in [ann, bob] {
        side.sees_where("an answer", |item| {
            let details = item.content().in_reply_to().ok_or("no reply")?;
            expect(details.event_id, event_id_of(&question))?;
            match &details.event {
                TimelineDetails::Ready(event) => {
                    expect(event.content.as_message().map(|message| message.body()), Some("hello, corrected"))
                }
                other => Err(format!("{other:?}")),
            }
        })
        .await?;
    }
    Ok(())
}

async fn redaction(ann: &OpenRoom, bob: &OpenRoom) -> Result<()> {
    ann.say("said too much").await?;
    let item = ann.sees("said too much").await?;
    bob.sees("said too much").await?;
    ann.timeline.redact(&item.identifier(), Some("regret")).await?;
    for side in [ann, bob] {
        until("the redaction", async || {
            let events = side.events().await;
            let found =
                events.iter().find(|event| event.event_id() == item.event_id()).ok_or("no such event")?;
            expect(text_of(found).as_deref(), Some("(redacted)"))
        })
        .await?;
    }
    Ok(())
}

/// Shared with encrypted rooms, where the file is encrypted as well.
pub async fn attachment(ann: &OpenRoom, bob: &OpenRoom) -> Result<()> {
    let bytes: Vec<u8> = (0..50_000u32).map(|number| (number % 251) as u8).collect();
    let source = AttachmentSource::Data { bytes: bytes.clone(), filename: "seeds.bin".to_owned() };
    let mime = "application/octet-stream".parse()?;
    ann.timeline.send_attachment(source, mime, AttachmentConfig::default()).use_send_queue().await?;
    let item = bob.sees("seeds.bin").await?;
    let message = item.content().as_message().context("not a message")?;
    let MessageType::File(file) = message.msgtype() else { bail!("{:?}", message.msgtype()) };
    let request = MediaRequestParameters { source: file.source.clone(), format: MediaFormat::File };
    let downloaded = bob.timeline.room().client().media().get_media_content(&request, false).await?;
    ensure!(downloaded == bytes, "{} bytes came back", downloaded.len());
    Ok(())
}

async fn read_receipt(ann: &OpenRoom, bob: &OpenRoom) -> Result<()> {
    let reader = bob.timeline.room().own_user_id().to_owned();
    for body in ["read this", "and this"] {
        ann.say(body).await?;
        bob.sees(body).await?;
        bob.timeline.mark_as_read(ReceiptType::Read).await?;
        let read = bob.sees(body).await?;
        until("the receipt", async || {
            let events = ann.events().await;
            let last = events.iter().rfind(|event| event.read_receipts().contains_key(&reader));
            expect(last.and_then(|event| event.event_id()), read.event_id())
        })
        .await?;
    }
    Ok(())
}
