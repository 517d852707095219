//! Who calls: the token of the session, checked at each call, and what the roles allow.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};

use super::StaffState;
use super::problem::{Code, Problem};
use crate::domain::staff::{Act, Staff};
use crate::store::staff::Signed;

/// Who may call a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// Everybody: signing in, and the description of the API.
    Open,
    /// Everybody who is signed in.
    SignedIn,
    /// Whose roles allow this somewhere; the handler looks at the place.
    May(Act),
    /// Whose roles allow one of these somewhere.
    MayAny(&'static [Act]),
}

impl Rule {
    /// Whether somebody may call the route at all.
    pub fn allows(self, staff: &Staff) -> bool {
        match self {
            Self::Open | Self::SignedIn => true,
            Self::May(act) => staff.may(act),
            Self::MayAny(acts) => acts.iter().any(|it| staff.may(*it)),
        }
    }
}

/// The one who calls, in a handler of a route that is not open.
#[derive(Clone, Debug)]
pub struct Caller {
    /// What it may do.
    pub staff: Staff,
    /// Its session and account.
    pub signed: Signed,
}

impl Caller {
    /// Refuses what is not allowed in a municipality.
    ///
    /// # Errors
    /// `not_allowed`.
    pub fn must(&self, act: Act, municipality: &str) -> Result<(), Problem> {
        if self.staff.may_in(act, municipality) { Ok(()) } else { Err(Code::NotAllowed.into()) }
    }
}

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        // The guard of the route put it there.
        parts.extensions.get::<Arc<Self>>().map(|it| it.as_ref().clone()).ok_or(Code::NotSignedIn.into())
    }
}

/// SHA-256 of a token: what the store keeps of it.
pub(super) fn token_hash(token: &str) -> Vec<u8> {
    Sha256::digest(token.as_bytes()).to_vec()
}

/// Writes 256 random bits as a token.
pub(super) fn write_token(bytes: [u8; 32]) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

/// The caller by the header `Authorization`.
pub(super) async fn authenticate(state: &StaffState, headers: &HeaderMap) -> Result<Caller, Problem> {
    let token = headers
        .get(header::AUTHORIZATION)
        .and_then(|it| it.to_str().ok())
        .and_then(|it| it.split_once(' '))
        .filter(|(scheme, token)| scheme.eq_ignore_ascii_case("bearer") && token.len() == 43)
        .map(|(_, token)| token)
        .ok_or(Code::NotSignedIn)?;
    let found = state.service.store.find_session(&token_hash(token), state.clock.now()).await?;
    let signed = found.ok_or(Code::NotSignedIn)?;
    Ok(Caller { staff: signed.account.staff(), signed })
}
