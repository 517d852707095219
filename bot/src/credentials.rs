//! Passwords, second factors and one-time codes of people who work with the console.

use std::sync::Arc;

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use argon2::{Algorithm, Argon2, Params, Version};
use cabildo_staff_api::SecondFactor;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use totp_rs::{Builder, Totp};
use unicode_normalization::UnicodeNormalization as _;
use uuid::Uuid;

use crate::domain::staff::PASSWORD_LENGTH;
use crate::ids;
use crate::store::Store;
use crate::store::staff::SetUp;

/// Memory of one hash, KiB.
const MEMORY: u32 = 64 * 1024;
/// Passes of one hash.
const PASSES: u32 = 3;
/// Hashes that are computed at once.
const AT_ONCE: usize = 2;
/// Those that wait for that; more are sent away.
const WAITING: usize = 64;
/// A hash that no password has, with the same cost, so that a name that is not there takes as long.
const NOBODY: &str =
    "$argon2id$v=19$m=65536,t=3,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
/// Letters and digits of codes that people type: none is taken for another.
const LETTERS: &[u8; 32] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
/// Recovery codes of an account.
pub const RECOVERY_CODES: usize = 10;
/// Who issues the second factor, as authenticators show it.
const ISSUER: &str = "Cabildo";
/// Bytes of the secret of a second factor: 160 bits, as RFC 4226 asks for.
const SECRET: usize = 20;

/// Why a password or code can't be made or looked at.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// It is shorter or longer than allowed.
    #[error("a password has 12 to 128 characters")]
    Length,
    /// Too many wait already.
    #[error("too many passwords are looked at now")]
    Busy,
    /// The system or a library failed.
    #[error("{0}")]
    Failed(String),
}

fn failed(problem: impl std::fmt::Display) -> Problem {
    Problem::Failed(problem.to_string())
}

/// Hashes passwords beside the runtime's threads, a few at once.
#[derive(Clone, Debug)]
pub struct Hasher {
    places: Arc<Semaphore>,
    waiting: Arc<Semaphore>,
}

impl Default for Hasher {
    fn default() -> Self {
        Self { places: Arc::new(Semaphore::new(AT_ONCE)), waiting: Arc::new(Semaphore::new(WAITING)) }
    }
}

/// A place among those that wait for a hash.
#[derive(Debug)]
pub struct Ticket(#[expect(dead_code, reason = "held, not looked at")] OwnedSemaphorePermit);

/// What a password turned out to be.
#[derive(Clone, Debug, Default)]
pub struct Verified {
    /// Whether it is the right one.
    pub right: bool,
    /// Its hash with today's parameters, where it was made with others.
    pub rehashed: Option<String>,
}

impl Hasher {
    /// The hash of a new password, a PHC string.
    ///
    /// # Errors
    /// It has a wrong length, or too many wait.
    pub async fn hash(&self, password: &str) -> Result<String, Problem> {
        let password = normal(password);
        if !PASSWORD_LENGTH.contains(&password.chars().count()) {
            return Err(Problem::Length);
        }
        self.run(self.ticket()?, move || hash(&password)).await?
    }

    /// A place among those that wait: taken before a try is counted, so that one that is sent away
    /// does not count.
    ///
    /// # Errors
    /// Too many wait.
    pub fn ticket(&self) -> Result<Ticket, Problem> {
        Arc::clone(&self.waiting).try_acquire_owned().map(Ticket).map_err(|_| Problem::Busy)
    }

    /// Compares a password with a hash; without one it takes as long and is wrong.
    ///
    /// # Errors
    /// The system or a library failed.
    pub async fn verify(
        &self,
        ticket: Ticket,
        password: &str,
        phc: Option<String>,
    ) -> Result<Verified, Problem> {
        let password = normal(password);
        // Of any length the work is the same; what is too long can't be right.
        let password: String = password.chars().take(PASSWORD_LENGTH.end() + 1).collect();
        self.run(ticket, move || verify(&password, phc.as_deref())).await?
    }

    async fn run<T: Send + 'static>(
        &self,
        ticket: Ticket,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Problem> {
        let place = Arc::clone(&self.places).acquire_owned().await.map_err(failed)?;
        // The places go with the work: a caller who hangs up does not make room for another hash.
        let done = tokio::task::spawn_blocking(move || {
            let _held = (place, ticket);
            work()
        });
        done.await.map_err(failed)
    }
}

/// One way of writing accents, whichever keyboard they come from.
fn normal(password: &str) -> String {
    password.nfc().collect()
}

fn argon2() -> Result<Argon2<'static>, Problem> {
    let params = Params::new(MEMORY, PASSES, 1, None).map_err(failed)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

fn hash(password: &str) -> Result<String, Problem> {
    let salt = ids::random_bytes::<16>().map_err(failed)?;
    let hash: PasswordHash = argon2()?.hash_password_with_salt(password.as_bytes(), &salt).map_err(failed)?;
    Ok(hash.to_string())
}

fn verify(password: &str, phc: Option<&str>) -> Result<Verified, Problem> {
    let parsed = PasswordHash::new(phc.unwrap_or(NOBODY)).map_err(failed)?;
    let right = argon2()?.verify_password(password.as_bytes(), &parsed).is_ok() && phc.is_some();
    let rehashed = if right && !is_current(&parsed) { Some(hash(password)?) } else { None };
    Ok(Verified { right, rehashed })
}

/// Whether a hash has today's parameters.
fn is_current(hash: &PasswordHash) -> bool {
    let params = Params::try_from(hash);
    hash.algorithm.as_str() == "argon2id"
        && params.is_ok_and(|it| (it.m_cost(), it.t_cost(), it.p_cost()) == (MEMORY, PASSES, 1))
}

/// A second factor (RFC 6238: SHA-1, six digits, 30 s, as all authenticators know it).
pub struct Authenticator(Totp);

impl Authenticator {
    /// A new one.
    ///
    /// # Errors
    /// The system has no random bytes.
    pub fn make(name: &str) -> Result<Self, Problem> {
        Self::of(ids::random_bytes::<SECRET>().map_err(failed)?.to_vec(), name)
    }

    /// One with this secret.
    ///
    /// # Errors
    /// The secret has a wrong length.
    pub fn of(secret: Vec<u8>, name: &str) -> Result<Self, Problem> {
        // A colon would end the issuer in the URL.
        let name = name.replace(':', "-");
        let totp = Builder::new()
            .with_secret(secret)
            .with_issuer(Some(ISSUER))
            .with_account_name(name.as_str())
            .build();
        totp.map(Self).map_err(failed)
    }

    /// The secret.
    pub fn secret(&self) -> Vec<u8> {
        self.0.secret().as_bytes().to_vec()
    }

    /// The secret in base32, to be typed.
    pub fn base32(&self) -> String {
        self.0.secret().to_base32()
    }

    /// The same as an `otpauth://` URL.
    ///
    /// # Errors
    /// It can't be written.
    pub fn url(&self) -> Result<String, Problem> {
        self.0.to_url().map_err(failed)
    }

    /// The six digits at an instant, Unix seconds.
    pub fn digits(&self, seconds: i64) -> String {
        self.0.generate(seconds.max(0) as u64).to_string()
    }

    /// The step of a code that is right now, or was or will be a step away.
    pub fn step(&self, code: &str, seconds: i64) -> Option<i64> {
        let code: String = code.chars().filter(|it| !it.is_whitespace()).collect();
        let digits = code.len() == 6 && code.bytes().all(|it| it.is_ascii_digit());
        if !digits {
            return None;
        }
        self.0.check(&code, seconds.max(0) as u64).map(|it| it as i64)
    }
}

/// A code that people type once: 16 letters and digits in groups of four, 80 bits.
///
/// # Errors
/// The system has no random bytes.
pub fn draw_code() -> Result<String, Problem> {
    let bytes = ids::random_bytes::<16>().map_err(failed)?;
    let letters: Vec<char> = bytes.iter().map(|it| char::from(LETTERS[usize::from(it % 32)])).collect();
    Ok(letters.chunks(4).map(|it| it.iter().collect::<String>()).collect::<Vec<_>>().join("-"))
}

/// A typed code as it is hashed: upper case, letters and digits alone.
pub fn fold_code(code: &str) -> String {
    code.chars().filter(char::is_ascii_alphanumeric).map(|it| it.to_ascii_uppercase()).take(64).collect()
}

/// A new second factor and recovery codes for an account that is set up: what is kept, and what is
/// shown once.
///
/// # Errors
/// The system has no random bytes.
pub fn second_factor(
    store: &Store,
    id: Uuid,
    name: &str,
    setup_hash: Vec<u8>,
    password_hash: String,
) -> Result<(SetUp, SecondFactor), Problem> {
    let authenticator = Authenticator::make(name)?;
    let recovery_codes: Vec<String> = (0..RECOVERY_CODES).map(|_| draw_code()).collect::<Result<_, _>>()?;
    let hash = |code: &String| store.staff_hash("recovery code", &[&fold_code(code)]);
    let set_up = SetUp {
        id,
        setup_hash,
        password_hash,
        totp_sealed: store.seal_totp(id, &authenticator.secret()).map_err(failed)?,
        recovery: recovery_codes.iter().map(hash).collect::<Result<_, _>>().map_err(failed)?,
    };
    let shown = SecondFactor {
        totp_secret: authenticator.base32(),
        otpauth_url: authenticator.url()?,
        recovery_codes,
    };
    Ok((set_up, shown))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_is_hashed_as_promised_and_old_hashes_are_made_anew() {
        let hasher = Hasher::default();
        let phc = hasher.hash("correct horse battery").await.expect("a hash");
        assert!(phc.starts_with("$argon2id$v=19$m=65536,t=3,p=1$"), "{phc}");
        let verify = |password: &'static str, phc: Option<String>| {
            let hasher = hasher.clone();
            async move {
                let ticket = hasher.ticket().expect("a place");
                hasher.verify(ticket, password, phc).await.expect("an answer")
            }
        };
        let right = verify("correct horse battery", Some(phc.clone())).await;
        assert!(right.right && right.rehashed.is_none());
        assert!(!verify("correct horse batterx", Some(phc)).await.right);
        assert!(!verify("correct horse battery", None).await.right);
        let params = Params::new(8_192, 1, 1, None).expect("parameters");
        let weak: PasswordHash = Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            .hash_password_with_salt(b"correct horse battery", &[7; 16])
            .expect("a hash");
        let old = verify("correct horse battery", Some(weak.to_string())).await;
        assert!(old.right && old.rehashed.expect("made anew").contains("m=65536,t=3,p=1"));
        assert_eq!(hasher.hash("short").await, Err(Problem::Length));
        assert_eq!(hasher.hash(&"x".repeat(129)).await, Err(Problem::Length));
    }

    #[test]
    fn the_authenticator_is_that_of_the_standard() {
        // RFC 6238, appendix B, the last six of the eight digits.
        let it = Authenticator::of(b"12345678901234567890".to_vec(), "x").expect("an authenticator");
        for (seconds, digits) in [(59, "287082"), (1_111_111_109, "081804"), (20_000_000_000, "353130")] {
            assert_eq!(it.digits(seconds), digits);
            assert_eq!(it.step(digits, seconds), Some(seconds / 30));
            assert_eq!(it.step(digits, seconds + 30), Some(seconds / 30));
            assert_eq!(it.step(digits, seconds + 61), None);
        }
        for code in ["", "28708", "28708a", "2870822", "٢٨٧٠٨٢"] {
            assert_eq!(it.step(code, 59), None, "{code}");
        }
        assert_eq!(it.secret().len() * 8, 160);
        let url = it.url().expect("a URL");
        assert!(url.starts_with("otpauth://totp/Cabildo:x?"), "{url}");
    }

    #[test]
    fn codes_are_typed_as_they_are_read() {
        let code = draw_code().expect("a code");
        assert_eq!(code.len(), 19);
        assert_eq!(fold_code(&format!(" {} ", code.to_lowercase().replace('-', " "))), code.replace('-', ""));
        assert_ne!(draw_code(), draw_code());
    }
}
