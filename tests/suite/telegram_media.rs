//! Photos and voices: fetched within limits, freed of what they say beside the picture, kept sealed,
//! deleted after a day.

use std::io::Cursor;

use cabildo_bot::channels::media::{clean_photo, clean_voice};
use cabildo_bot::domain::time::{DAY, HOUR};
use cabildo_bot::store::media::Media;
use cabildo_tests::bot_api::{BotApi, TOKEN};
use cabildo_tests::serving::{PATIENCE, Serving};
use image::{DynamicImage, ImageFormat, Rgb, RgbImage};
use serde_json::{Value, json};
use sqlx::Connection as _;
use uuid::Uuid;

const ANA: i64 = 714_004_001;

/// What must be nowhere in what is kept.
const CANARY: &str = "GPS-17.546N-098.576W";

async fn start(api: &BotApi) -> Serving {
    Serving::start(&format!(
        "[channels.telegram]\ntype = \"telegram\"\ntoken = \"{TOKEN}\"\napi_url = \"{}\"\npoll_timeout_seconds = 1\n\
         media = {{ photo_bytes = 200000, voice_bytes = 100000, voice_seconds = 60 }}\n",
        api.url()
    ))
    .await
}

/// A picture with a red left and a blue right half.
fn picture(width: u32, height: u32, format: ImageFormat) -> Vec<u8> {
    let picture =
        RgbImage::from_fn(
            width,
            height,
            |x, _| {
                if x < width / 2 { Rgb([250, 10, 10]) } else { Rgb([10, 10, 250]) }
            },
        );
    let mut bytes = Vec::new();
    DynamicImage::from(picture).write_to(&mut Cursor::new(&mut bytes), format).expect("a picture");
    bytes
}

fn segment(marker: u8, content: &[u8]) -> Vec<u8> {
    let length = u16::try_from(content.len() + 2).expect("short").to_be_bytes();
    [&[0xff, marker], length.as_slice(), content].concat()
}

/// A JPEG that says everything a phone's camera says: EXIF with a place, upright only by its
/// orientation (6), XMP, IPTC, a colour profile, a comment, and bytes behind its end.
fn talkative() -> Vec<u8> {
    let jpeg = picture(64, 32, ImageFormat::Jpeg);
    let mut tiff = b"MM\0\x2a\0\0\0\x08\0\x02".to_vec();
    tiff.extend(b"\x01\x12\0\x03\0\0\0\x01\0\x06\0\0");
    tiff.extend(b"\x88\x25\0\x04\0\0\0\x01\0\0\0\x40");
    tiff.extend(b"\0\0\0\0");
    tiff.extend(CANARY.as_bytes());
    let exif = segment(0xe1, &[b"Exif\0\0".as_slice(), &tiff].concat());
    let xmp = segment(0xe1, format!("http://ns.adobe.com/xap/1.0/\0<x>{CANARY}</x>").as_bytes());
    let iptc = segment(0xed, format!("Photoshop 3.0\0{CANARY}").as_bytes());
    let profile = segment(0xe2, format!("ICC_PROFILE\0\x01\x01{CANARY}").as_bytes());
    let comment = segment(0xfe, CANARY.as_bytes());
    let behind = CANARY.as_bytes();
    [&jpeg[..2], &exif, &xmp, &iptc, &profile, &comment, &jpeg[2..], behind].concat()
}

/// An Ogg stream of Opus with comments that tell.
fn voice(seconds: u64) -> Vec<u8> {
    use ogg::{PacketWriteEndInfo, PacketWriter};
    let mut bytes = Vec::new();
    let mut writer = PacketWriter::new(&mut bytes);
    let head = b"OpusHead\x01\x01\x38\x01\x80\xbb\0\0\0\0\0".to_vec();
    writer.write_packet(head, 7, PacketWriteEndInfo::EndPage, 0).expect("a head");
    let mut tags = b"OpusTags".to_vec();
    let comment = format!("LOCATION={CANARY}");
    for text in ["phone of Ana", ""] {
        tags.extend(u32::try_from(text.len()).expect("short").to_le_bytes());
        tags.extend(text.as_bytes());
    }
    tags.truncate(tags.len() - 4);
    tags.extend(1_u32.to_le_bytes());
    tags.extend(u32::try_from(comment.len()).expect("short").to_le_bytes());
    tags.extend(comment.as_bytes());
    writer.write_packet(tags, 7, PacketWriteEndInfo::EndPage, 0).expect("tags");
    for second in 1..=seconds {
        let end = if second == seconds { PacketWriteEndInfo::EndStream } else { PacketWriteEndInfo::EndPage };
        writer.write_packet(vec![0xfc, 0xff, 0xfe], 7, end, second * 48_000).expect("sound");
    }
    drop(writer);
    bytes
}

fn contains(bytes: &[u8], what: &[u8]) -> bool {
    bytes.windows(what.len()).any(|it| it == what)
}

#[test]
fn a_picture_is_all_that_is_left_of_a_photo() {
    let original = talkative();
    assert!(contains(&original, CANARY.as_bytes()) && contains(&original, b"Exif"));
    let cleaned = clean_photo(&original).expect("a photo");
    assert_eq!(cleaned.mime, "image/jpeg");
    for what in [CANARY.as_bytes(), b"Exif", b"http://ns.adobe.com", b"Photoshop", b"ICC_PROFILE"] {
        assert!(!contains(&cleaned.content, what));
    }
    // The markers of EXIF and XMP, IPTC, profile and comment.
    for marker in [0xe1, 0xe2, 0xed, 0xfe] {
        let scan = cleaned.content.windows(2).position(|it| it == [0xff, 0xda]).expect("a scan");
        assert!(!contains(&cleaned.content[..scan], &[0xff, marker]), "{marker:x}");
    }
    // It is turned as its EXIF asked: what was left is now above.
    let shown =
        image::load_from_memory_with_format(&cleaned.content, ImageFormat::Jpeg).expect("a JPEG").to_rgb8();
    assert_eq!(shown.dimensions(), (32, 64));
    assert!(shown.get_pixel(16, 8)[0] > 200 && shown.get_pixel(16, 56)[2] > 200);
    for format in [ImageFormat::Png, ImageFormat::WebP] {
        assert_eq!(clean_photo(&picture(20, 20, format)).map(|it| it.mime), Ok("image/jpeg"));
    }
}

#[test]
fn what_is_no_picture_is_refused_and_nothing_panics() {
    assert_eq!(clean_photo(b"<html>"), Err("type"));
    assert_eq!(clean_photo(b""), Err("type"));
    assert_eq!(clean_photo(b"GIF89a"), Err("type"));
    assert_eq!(clean_photo(&[0xff, 0xd8, 0xff, 0xe0]), Err("damaged"));
    // A picture that says that it has four gigapixels.
    let mut bomb = picture(10, 10, ImageFormat::Png);
    bomb[16..24].copy_from_slice(&[0, 0, 0xff, 0xff, 0, 0, 0xff, 0xff]);
    assert!(clean_photo(&bomb).is_err());
    let original = talkative();
    for length in (0..original.len()).step_by(37) {
        if let Ok(cleaned) = clean_photo(&original[..length]) {
            assert!(!contains(&cleaned.content, CANARY.as_bytes()));
        }
    }
}

#[test]
fn the_sound_is_all_that_is_left_of_a_voice() {
    let original = voice(5);
    assert!(contains(&original, CANARY.as_bytes()) && contains(&original, b"Ana"));
    let behind = [original.as_slice(), CANARY.as_bytes()].concat();
    for bytes in [&original, &behind] {
        let cleaned = clean_voice(bytes, 60).expect("a voice");
        assert!(!contains(&cleaned.content, CANARY.as_bytes()) && !contains(&cleaned.content, b"Ana"));
        let mut reader = ogg::PacketReader::new(Cursor::new(&cleaned.content));
        let mut packets = Vec::new();
        while let Some(packet) = reader.read_packet().expect("an Ogg stream") {
            packets.push((packet.data.clone(), packet.absgp_page()));
        }
        assert_eq!(packets.len(), 7);
        assert!(packets[0].0.starts_with(b"OpusHead"));
        assert_eq!(packets[1].0, b"OpusTags\0\0\0\0\0\0\0\0");
        assert_eq!(packets[6], (vec![0xfc, 0xff, 0xfe], 5 * 48_000));
    }
    assert_eq!(clean_voice(&voice(61), 60), Err("too_long"));
    assert_eq!(clean_voice(b"RIFF....WAVE", 60), Err("type"));
    assert_eq!(clean_voice(b"", 60), Err("type"));
    for length in (0..original.len()).step_by(7) {
        if let Ok(cleaned) = clean_voice(&original[..length], 60) {
            assert!(!contains(&cleaned.content, CANARY.as_bytes()));
        }
    }
}

/// The files of the message of an update, once none of them is wanted any more.
async fn files(serving: &Serving, folder_db: &str, update: &Value) -> Vec<Media> {
    let external = format!("{}-{}", update["update_id"], update["message"]["date"]);
    let store = &serving.app.service().store;
    let search = async {
        loop {
            let mut connection = sqlx::SqliteConnection::connect(folder_db).await.expect("a connection");
            let row: Option<(Uuid,)> = sqlx::query_as("SELECT id FROM inbox WHERE external_id = $1")
                .bind(&external)
                .fetch_optional(&mut connection)
                .await
                .expect("a row");
            connection.close().await.expect("closed");
            if let Some((id,)) = row {
                let files = store.list_media(id).await.expect("files");
                let due = files.iter().any(|it| it.state == "wanted" && it.tries == 0);
                let at_work = files.iter().any(|it| it.state == "wanted" && it.reason.is_none());
                if !due && !at_work && !files.is_empty() {
                    return files;
                }
            }
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, search).await.expect("the files in time")
}

fn database(serving: &Serving) -> String {
    format!("sqlite://{}", serving.folder().join("cabildo.db").display())
}

fn photo(sizes: &[(&str, usize)]) -> Value {
    let sizes: Vec<Value> = sizes
        .iter()
        .map(|(id, size)| json!({"file_id": id, "file_unique_id": id, "width": 9, "height": 9, "file_size": size}))
        .collect();
    json!({"photo": sizes, "caption": "tlapa"})
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_photo_is_kept_clean_and_sealed_and_deleted_after_a_day() {
    let api = BotApi::start().await;
    let original = talkative();
    api.keep_file("small", picture(8, 8, ImageFormat::Jpeg));
    api.keep_file("large", original.clone());
    let serving = start(&api).await;
    // The largest is over the limit, so the next one is taken.
    let update =
        api.content_update(ANA, &photo(&[("small", 700), ("large", original.len()), ("huge", 900_000)]));
    api.inject(update.clone());
    let sent = api.wait_sent(ANA, 2).await;
    assert!(sent[0].text.contains("71.8%"), "the caption is the text: {sent:?}");
    let database = database(&serving);
    let kept = files(&serving, &database, &update).await;
    assert_eq!((kept.len(), kept[0].state.as_str(), kept[0].kind.as_str()), (1, "kept", "photo"), "{kept:?}");
    assert_eq!(kept[0].mime.as_deref(), Some("image/jpeg"));
    let content = kept[0].content.clone().expect("bytes");
    assert!(image::load_from_memory(&content).is_ok());
    assert!(!contains(&content, CANARY.as_bytes()) && !contains(&content, b"Exif"));
    assert_eq!(api.calls("download"), [json!({"file_id": "large"})]);
    // A repeat of the update fetches nothing again.
    api.inject(update.clone());
    api.wait_confirmed().await;
    // Nothing of it lies open in the database.
    let mut connection = sqlx::SqliteConnection::connect(&database).await.expect("a connection");
    let (sealed, reference): (Vec<u8>, String) = sqlx::query_as("SELECT content, provider_ref FROM media")
        .fetch_one(&mut connection)
        .await
        .expect("a row");
    assert!(!contains(&sealed, &content[..16]) && sealed.len() > content.len());
    assert_eq!(reference, "");
    let store = &serving.app.service().store;
    assert_eq!(store.expire_media(serving.clock.now().plus(DAY - 1), 10).await, Ok(0));
    assert_eq!(store.expire_media(serving.clock.now().plus(DAY), 10).await, Ok(1));
    assert_eq!(store.count_media("kept").await, Ok(0));
    connection.close().await.expect("closed");
    serving.app.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_can_not_be_kept_is_parked_and_holds_up_nothing() {
    let api = BotApi::start().await;
    let good = picture(16, 16, ImageFormat::Jpeg);
    let serving = start(&api).await;
    let database = database(&serving);
    // Slow: another file and a text go past it.
    api.keep_file("slow", good.clone());
    api.change_file("slow", |it| it.slow = true);
    let slow = api.content_update(ANA, &photo(&[("slow", good.len())]));
    api.inject(slow.clone());
    api.wait_calls("download", 1).await;
    api.write(ANA + 1, "tlapa");
    api.wait_sent(ANA + 1, 2).await;
    api.let_go();
    assert_eq!(files(&serving, &database, &slow).await[0].state, "kept");

    api.keep_file("html", b"<html>not a photo</html>".to_vec());
    api.keep_file("lies", vec![7; 300_000]);
    api.keep_file("gone", good.clone());
    api.change_file("gone", |it| it.statuses = vec![404]);
    api.keep_file("long", voice(5));
    let voice_of = |id: &str, seconds: u32, size: usize| json!({"voice": {"file_id": id, "file_unique_id": id, "duration": seconds, "mime_type": "audio/ogg", "file_size": size}});
    let document = json!({"document": {
        "file_id": "html", "file_unique_id": "html", "file_name": "a.jpg", "mime_type": "image/jpeg", "file_size": 20,
    }});
    let damaged = [&good[..20], b"?"].concat();
    api.keep_file("damaged", damaged);
    for (content, reason) in [
        (photo(&[("unknown", 10)]), "not_there"),
        (photo(&[("html", 10)]), "type"),
        (document, "type"),
        // More than it said.
        (photo(&[("lies", 10)]), "size"),
        (photo(&[("huge", 900_000)]), "size"),
        (photo(&[("gone", 10)]), "not_there"),
        (photo(&[("damaged", 10)]), "damaged"),
        (voice_of("long", 61, 10), "too_long"),
        (voice_of("html", 6, 10), "type"),
    ] {
        let update = api.content_update(ANA, &content);
        api.inject(update.clone());
        let files = files(&serving, &database, &update).await;
        assert_eq!(
            (files[0].state.as_str(), files[0].reason.as_deref()),
            ("refused", Some(reason)),
            "{content}"
        );
        assert_eq!((files[0].tries, files[0].content.is_some()), (1, false));
    }
    let update = api.content_update(ANA, &voice_of("long", 5, 10));
    api.inject(update.clone());
    let kept = files(&serving, &database, &update).await;
    assert_eq!((kept[0].state.as_str(), kept[0].kind.as_str()), ("kept", "voice"));
    serving.app.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_may_come_later_is_tried_again_and_then_given_up() {
    let api = BotApi::start().await;
    let good = picture(16, 16, ImageFormat::Jpeg);
    api.keep_file("cut", good.clone());
    api.change_file("cut", |it| it.cut = true);
    api.keep_file("down", good.clone());
    api.change_file("down", |it| it.statuses = vec![500; 50]);
    let serving = start(&api).await;
    let database = database(&serving);
    let (cut, down) = (
        api.content_update(ANA, &photo(&[("cut", good.len())])),
        api.content_update(ANA, &photo(&[("down", good.len())])),
    );
    api.inject(cut.clone());
    let first = files(&serving, &database, &cut).await;
    assert_eq!((first[0].state.as_str(), first[0].reason.as_deref()), ("wanted", Some("cut")));
    api.inject(down.clone());
    files(&serving, &database, &down).await;
    // Each try waits for its time.
    for tries in 2..=5_usize {
        serving.clock.advance(2 * HOUR);
        // A message wakes who fetches.
        let wakes = api.content_update(ANA, &photo(&[("unknown", 1)]));
        api.inject(wakes.clone());
        files(&serving, &database, &wakes).await;
        let downloads = api.calls("download");
        let done = async {
            while api.calls("download").iter().filter(|it| it["file_id"] == "down").count() < tries {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(PATIENCE, done).await.unwrap_or_else(|_| panic!("try {tries}: {downloads:?}"));
        // The next try needs the end of this one.
        let store = &serving.app.service().store;
        let settled = async {
            loop {
                let files = files(&serving, &database, &down).await;
                if files[0].tries as usize == tries && (files[0].state == "failed" || tries < 5) {
                    return;
                }
                assert!(store.count_media("kept").await.is_ok());
            }
        };
        tokio::time::timeout(PATIENCE, settled).await.expect("an end");
    }
    assert_eq!(files(&serving, &database, &cut).await[0].state, "kept");
    let given_up = files(&serving, &database, &down).await;
    assert_eq!((given_up[0].state.as_str(), given_up[0].reason.as_deref()), ("failed", Some("refused")));
    serving.app.shutdown().await;
}
