//! What every adapter says when the network or the gateway misbehaves, by seed: `Ok` only after a whole
//! answer of success, `Retry` only where the message was certainly not taken, else `Unknown`.

use std::net::SocketAddr;
use std::time::Duration;

use cabildo_bot::channels::gateway::{Gateway, OutboundMessage, SendError};
use cabildo_bot::channels::{android, generic, http_client, kannel, twilio};
use cabildo_bot::config::{ChannelConfig, Config};
use cabildo_bot::domain::time::UnixMillis;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// How many seeds are tried; each with every adapter.
const SEEDS: u64 = 208;

/// `SplitMix64`, as the seeds of everything else.
fn mix(seed: u64) -> u64 {
    let mut value = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

/// What happens to one call.
#[derive(Clone, Copy, Debug)]
enum Fault {
    /// Nobody listens.
    Refused,
    /// The connection ends after this many bytes of the request.
    CutRequest(usize),
    /// The connection ends after this share of the good answer, in thousandths.
    CutAnswer(usize),
    /// No answer within the time.
    Silence,
    /// The good answer after some ms.
    Slow(u64),
    /// The good answer, byte by byte.
    Dribble,
    /// Bytes that are no HTTP.
    Garbage(u64),
    /// A status of success with a body that never ends.
    Oversized,
    /// A status of success and half of the JSON, whole by its length.
    Partial,
    /// This status, whole.
    Status(u16),
    /// Nothing is wrong.
    None,
}

impl Fault {
    fn of(seed: u64) -> Self {
        let (kind, more) = (mix(seed) % 13, mix(seed ^ 0xabcd));
        match kind {
            0 => Self::Refused,
            1 => Self::CutRequest(more as usize % 300),
            2 | 3 => Self::CutAnswer(more as usize % 1_000),
            4 => Self::Silence,
            5 => Self::Slow(more % 20),
            6 => Self::Dribble,
            7 => Self::Garbage(more),
            8 => Self::Oversized,
            9 => Self::Partial,
            10 | 11 => {
                Self::Status([429, 503, 500, 502, 504, 401, 403, 400, 404, 302, 408, 599][more as usize % 12])
            }
            _ => Self::None,
        }
    }
}

/// The head and the body of a good answer.
fn good(adapter: &str, token: &str) -> (u16, String) {
    match adapter {
        "kannel" => (202, "0: Accepted for delivery".to_owned()),
        "twilio" => (201, r#"{"sid":"SM7","status":"queued"}"#.to_owned()),
        "android" => (202, format!(r#"{{"id":"{token}","state":"Pending"}}"#)),
        _ => (200, r#"{"messages":[{"id":"g7"}]}"#.to_owned()),
    }
}

fn answer(status: u16, body: &str) -> Vec<u8> {
    format!("HTTP/1.1 {status} X\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len())
        .into_bytes()
}

/// Reads a whole request, or `most` bytes of it.
async fn read_request(stream: &mut TcpStream, most: usize) {
    let mut bytes = Vec::new();
    while bytes.len() < most {
        if let Some(end) = bytes.windows(4).position(|it| it == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&bytes[..end]).to_ascii_lowercase();
            let length = head.lines().find_map(|it| it.strip_prefix("content-length:"));
            if bytes.len() >= end + 4 + length.and_then(|it| it.trim().parse().ok()).unwrap_or(0) {
                return;
            }
        }
        let mut piece = vec![0; (most - bytes.len()).min(4_096)];
        match stream.read(&mut piece).await {
            Ok(0) | Err(_) => return,
            Ok(count) => bytes.extend(&piece[..count]),
        }
    }
}

/// Serves one call with this fault.
async fn serve(listener: TcpListener, fault: Fault, status: u16, body: String) {
    let Ok((mut stream, _)) = listener.accept().await else { return };
    let most = if let Fault::CutRequest(most) = fault { most } else { usize::MAX };
    read_request(&mut stream, most).await;
    let whole = answer(status, &body);
    // The client may be gone already: what it says then is what is looked at.
    let _ = match fault {
        Fault::Refused | Fault::CutRequest(_) => Ok(()),
        Fault::CutAnswer(share) => stream.write_all(&whole[..whole.len() * share / 1_000]).await,
        Fault::Silence => {
            // Until the client gives up.
            let _ = stream.read(&mut [0; 16]).await;
            Ok(())
        }
        Fault::Slow(ms) => {
            tokio::time::sleep(Duration::from_millis(ms)).await;
            stream.write_all(&whole).await
        }
        Fault::Dribble => {
            for byte in &whole {
                let _ = stream.write_all(&[*byte]).await;
                let _ = stream.flush().await;
            }
            Ok(())
        }
        Fault::Garbage(seed) => {
            let bytes: Vec<u8> = (0..400).map(|it| mix(seed ^ it) as u8).collect();
            stream.write_all(&bytes).await
        }
        Fault::Oversized => {
            let _ = stream.write_all(format!("HTTP/1.1 {status} X\r\n\r\n").as_bytes()).await;
            for _ in 0..200 {
                if stream.write_all(&[b' '; 4_096]).await.is_err() {
                    break;
                }
            }
            Ok(())
        }
        Fault::Partial => stream.write_all(&answer(status, &body[..body.len() / 2])).await,
        Fault::Status(other) => stream.write_all(&answer(other, "{}")).await,
        Fault::None => stream.write_all(&whole).await,
    };
    let _ = stream.shutdown().await;
}

fn gateway(adapter: &str, at: SocketAddr, within: Duration) -> Gateway {
    let channel = match adapter {
        "kannel" => format!(
            "type = \"kannel\"\nsendsms_url = \"http://{at}/send\"\nusername = \"u\"\npassword = \"p\"\n"
        ),
        "twilio" => format!(
            "type = \"twilio\"\naccount_sid = \"AC1\"\nauth_token = \"tok\"\nfrom = \"+525500000000\"\napi_url = \"http://{at}\"\n"
        ),
        "android" => format!(
            "type = \"android\"\nsigning_key = \"0123456789\"\nusername = \"u\"\npassword = \"p\"\napi_url = \"http://{at}\"\n"
        ),
        _ => format!(
            "type = \"http\"\nsecret = \"s0123456789abcdef\"\n[channels.x.auth]\nby = \"path\"\n[channels.x.send]\n\
             url = \"http://{at}/s\"\njson = {{ to = \"{{to}}\", text = \"{{text}}\" }}\nid = \"/messages/0/id\"\n"
        ),
    };
    let toml = format!("[server]\npublic_url = \"https://a.example\"\n[channels.x]\n{channel}");
    let config = Config::from_toml(&toml).expect("a configuration");
    let client = http_client(within).expect("a client");
    match config.channels.get("x").expect("a channel") {
        ChannelConfig::Kannel(it) => Gateway::Kannel(kannel::Sender::new(client, "x", it).expect("a sender")),
        ChannelConfig::Twilio(it) => {
            Gateway::Twilio(twilio::Sender::new(client, it, "https://a.example/w").expect("a sender"))
        }
        ChannelConfig::Android(it) => Gateway::Android(android::Sender::new(client, it).expect("a sender")),
        ChannelConfig::Http(it) => Gateway::Http(generic::Sender::new(client, it).expect("a sender")),
        ChannelConfig::Telegram(_) => panic!("no such channel"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cut_or_broken_call_never_seems_to_be_taken_or_refused() {
    let mut seen = [0_u32; 4];
    for seed in 0..SEEDS {
        let fault = Fault::of(seed);
        for adapter in ["kannel", "twilio", "android", "http"] {
            let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
            // Only who is silent is waited for in vain.
            let within = if matches!(fault, Fault::Silence) { 100 } else { 20_000 };
            let address = listener.local_addr().expect("its address");
            let gateway = gateway(adapter, address, Duration::from_millis(within));
            let message = OutboundMessage {
                id: cabildo_bot::ids::new_id(UnixMillis(seed as i64 + 1)),
                attempt: 1,
                address: "+525512345678".to_owned(),
                text: "hola".to_owned(),
                choices: Vec::new(),
                edits: None,
                picture: None,
            };
            let (status, body) = good(adapter, &message.token().to_string());
            let server = if matches!(fault, Fault::Refused) {
                drop(listener);
                None
            } else {
                Some(tokio::spawn(serve(listener, fault, status, body)))
            };
            let sent = gateway.send(&message).await;
            let expected = match fault {
                Fault::Refused => "retry",
                Fault::None | Fault::Slow(_) | Fault::Dribble => "taken",
                Fault::Status(401 | 403 | 429 | 503) => "retry",
                Fault::Status(400 | 404) => "permanent",
                // Kannel's text says nothing beyond its status.
                Fault::Partial if adapter == "kannel" => "taken",
                _ => "unknown",
            };
            let said = match &sent {
                Ok(_) => "taken",
                Err(SendError::Retry { .. }) => "retry",
                Err(SendError::Permanent { .. }) => "permanent",
                Err(SendError::Unknown) => "unknown",
                Err(_) => "something else",
            };
            assert_eq!(said, expected, "seed {seed}, {adapter}, {fault:?}: {sent:?}");
            seen[["taken", "retry", "permanent", "unknown"]
                .iter()
                .position(|it| *it == said)
                .expect("one")] += 1;
            if let Some(server) = server {
                server.abort();
            }
        }
    }
    assert!(seen.iter().all(|it| *it > 3), "each end was met: {seen:?}");
}
