//! Answers that say what went wrong: problem details (RFC 9457) with stable codes.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use cabildo_staff_api as wire;

use crate::store;

/// A kind of problem.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Code {
    /// The request can't be read.
    Malformed,
    /// A parameter of path, query or head can't be used.
    InvalidParameter,
    /// A write came without the header `Idempotency-Key`.
    KeyMissing,
    /// Nobody is signed in, or the session is over.
    NotSignedIn,
    /// Name, password or code is wrong; it is not said which.
    SignInFailed,
    /// The roles or grants don't allow it.
    NotAllowed,
    /// It can't be done to one's own account.
    OwnAccount,
    /// Too many failed sign-ins: an administrator must act.
    SignInLocked,
    /// There is no such thing, or it may not be seen.
    NotFound,
    /// The path does not know this method.
    MethodNotAllowed,
    /// The request took too long to come.
    TooSlow,
    /// Somebody else changed it first.
    VersionConflict,
    /// The name is taken.
    NameTaken,
    /// The state it is in does not allow it.
    StateConflict,
    /// The body is too large.
    TooLarge,
    /// The body is not JSON.
    NotJson,
    /// A value can't be used.
    Invalid,
    /// The idempotency key was used for another request.
    KeyReused,
    /// These roles can't be held together.
    RolesClash,
    /// Failed sign-ins: wait.
    SignInBlocked,
    /// Too much of this at once: wait.
    TooBusy,
    /// An error of the service.
    Internal,
    /// The database can't be used now.
    Unavailable,
}

impl Code {
    /// The stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Malformed => "malformed",
            Self::InvalidParameter => "invalid_parameter",
            Self::KeyMissing => "idempotency_key_missing",
            Self::NotSignedIn => "not_signed_in",
            Self::SignInFailed => "sign_in_failed",
            Self::NotAllowed => "not_allowed",
            Self::OwnAccount => "own_account",
            Self::SignInLocked => "sign_in_locked",
            Self::NotFound => "not_found",
            Self::MethodNotAllowed => "method_not_allowed",
            Self::TooSlow => "too_slow",
            Self::VersionConflict => "version_conflict",
            Self::NameTaken => "name_taken",
            Self::StateConflict => "state_conflict",
            Self::TooLarge => "too_large",
            Self::NotJson => "not_json",
            Self::Invalid => "invalid",
            Self::KeyReused => "idempotency_key_reused",
            Self::RolesClash => "roles_clash",
            Self::SignInBlocked => "sign_in_blocked",
            Self::TooBusy => "too_busy",
            Self::Internal => "internal",
            Self::Unavailable => "unavailable",
        }
    }

    /// Its HTTP status.
    pub const fn status(self) -> StatusCode {
        match self {
            Self::Malformed | Self::InvalidParameter | Self::KeyMissing => StatusCode::BAD_REQUEST,
            Self::NotSignedIn | Self::SignInFailed => StatusCode::UNAUTHORIZED,
            Self::NotAllowed | Self::OwnAccount | Self::SignInLocked => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::VersionConflict | Self::NameTaken | Self::StateConflict => StatusCode::CONFLICT,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::NotJson => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Invalid | Self::KeyReused | Self::RolesClash => StatusCode::UNPROCESSABLE_ENTITY,
            Self::SignInBlocked | Self::TooBusy => StatusCode::TOO_MANY_REQUESTS,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// The kind in a few words.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Malformed => "The request can't be read",
            Self::InvalidParameter => "A parameter can't be used",
            Self::KeyMissing => "The header Idempotency-Key is missing",
            Self::NotSignedIn => "Sign in first",
            Self::SignInFailed => "Name, password or code is wrong",
            Self::NotAllowed => "Your roles don't allow this",
            Self::OwnAccount => "Somebody else must do this to your account",
            Self::SignInLocked => "Too many failed sign-ins: ask an administrator",
            Self::NotFound => "It is not there",
            Self::MethodNotAllowed => "This path does not know this method",
            Self::TooSlow => "The request took too long",
            Self::VersionConflict => "Somebody else changed it first",
            Self::NameTaken => "The name is taken",
            Self::StateConflict => "Its state does not allow this",
            Self::TooLarge => "The body is too large",
            Self::NotJson => "The body must be JSON",
            Self::Invalid => "A value can't be used",
            Self::KeyReused => "The idempotency key was used for another request",
            Self::RolesClash => "These roles can't be held together",
            Self::SignInBlocked => "Too many failed sign-ins: wait",
            Self::TooBusy => "Too much at once: wait",
            Self::Internal => "An error of the service",
            Self::Unavailable => "The database can't be used now",
        }
    }
}

/// A problem with one call.
#[derive(Clone, Debug)]
pub struct Problem {
    code: Code,
    detail: Option<String>,
    field: Option<String>,
    retry_after_seconds: Option<u64>,
    current: Option<serde_json::Value>,
}

impl From<Code> for Problem {
    fn from(code: Code) -> Self {
        Self { code, detail: None, field: None, retry_after_seconds: None, current: None }
    }
}

impl Problem {
    /// A problem with a sentence about this call. It must not hold a value of somebody's.
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        Self { detail: Some(detail.into()), ..code.into() }
    }

    /// A value of the body that can't be used.
    pub fn invalid(field: &str, detail: impl Into<String>) -> Self {
        Self { field: Some(field.to_owned()), ..Self::new(Code::Invalid, detail) }
    }

    /// A parameter that can't be used.
    pub fn parameter(name: &str, detail: impl Into<String>) -> Self {
        Self { field: Some(name.to_owned()), ..Self::new(Code::InvalidParameter, detail) }
    }

    /// Somebody else changed it first; `current` is how it is now.
    pub fn conflict(current: &impl serde::Serialize) -> Self {
        Self { current: serde_json::to_value(current).ok(), ..Code::VersionConflict.into() }
    }

    /// Wait so many seconds.
    pub fn wait(code: Code, seconds: u64) -> Self {
        Self { retry_after_seconds: Some(seconds), ..code.into() }
    }

    /// Its kind.
    pub fn code(&self) -> Code {
        self.code
    }
}

impl From<store::Error> for Problem {
    fn from(problem: store::Error) -> Self {
        match problem {
            store::Error::NotFound => Code::NotFound.into(),
            store::Error::Conflict => Code::VersionConflict.into(),
            store::Error::Refused(reason) => Self::new(Code::StateConflict, reason),
            store::Error::Unavailable(_) => {
                tracing::warn!(%problem, "a call of the staff API could not use the database");
                Self::wait(Code::Unavailable, 2)
            }
            store::Error::Other(_) => {
                tracing::error!(%problem, "a call of the staff API failed");
                Code::Internal.into()
            }
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = self.code.status();
        let body = wire::Problem {
            kind: format!("urn:cabildo:problem:{}", self.code.code()),
            title: self.code.title().to_owned(),
            status: status.as_u16(),
            code: self.code.code().to_owned(),
            detail: self.detail,
            field: self.field,
            retry_after_seconds: self.retry_after_seconds,
            current: self.current,
        };
        let text = serde_json::to_string(&body).unwrap_or_default();
        let mut response = (status, text).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if let Some(seconds) = self.retry_after_seconds {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}
