//! The table of routes. The router, the OpenAPI document and the test of routes and roles are made from
//! it, so there is no route without a rule, a description and a test.

use std::sync::Arc;

use axum::Router;
use axum::handler::Handler;
use axum::http::Method;
use axum::middleware::from_fn_with_state;
use axum::routing::{MethodFilter, MethodRouter, on};
use utoipa::ToSchema;
use utoipa::openapi::schema::SchemaType;
use utoipa::openapi::{Object, Ref, RefOr, Schema};

use super::auth::Rule;
use super::idempotency::{Guard, guard};
use super::problem::Code;
use super::{
    StaffState, acts, audit, benchmarks, broadcast_acts, broadcasts, canned, case, cases, charts,
    commitments, compose, day, demand_acts, demand_open, demands, drafts, events, feedback, health,
    highlight_acts, highlights, leaders, notices, numbers, outbox, privacy, series, sessions, setup, similar,
    unknown, users, views,
};

/// The whole table: one list for each resource.
pub fn routes() -> Vec<Route> {
    [
        sessions::routes(),
        users::routes(),
        audit::routes(),
        events::routes(),
        cases::routes(),
        case::routes(),
        similar::routes(),
        notices::routes(),
        acts::routes(),
        numbers::routes(),
        demands::routes(),
        demand_open::routes(),
        demand_acts::routes(),
        commitments::routes(),
        broadcasts::routes(),
        broadcast_acts::routes(),
        leaders::routes(),
        highlights::routes(),
        highlight_acts::routes(),
        compose::routes(),
        drafts::routes(),
        canned::routes(),
        views::routes(),
        setup::routes(),
        feedback::routes(),
        unknown::routes(),
        outbox::routes(),
        privacy::routes(),
        day::routes(),
        series::routes(),
        benchmarks::routes(),
        charts::routes(),
        health::routes(),
    ]
    .concat()
}

/// Schemas by name.
pub(super) type Named = Vec<(String, RefOr<Schema>)>;

/// What a body holds.
#[derive(Clone, Copy)]
pub(super) struct Content {
    pub(super) media_type: &'static str,
    /// Adds the named schemas that it needs and refers to its own.
    pub(super) schema: fn(&mut Named) -> RefOr<Schema>,
}

/// A parameter of the query or the head.
#[derive(Clone, Copy)]
pub(super) struct Parameter {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    pub(super) in_head: bool,
    pub(super) describes: &'static str,
}

/// What a parameter may be.
#[derive(Clone, Copy)]
pub(super) enum Kind {
    /// A whole number within bounds.
    Number(i64, i64),
    /// A text of at most so many characters.
    Text(usize),
    /// A UUID.
    Id,
    /// One of these words.
    Word(&'static [&'static str]),
}

/// A route of the API.
#[derive(Clone)]
pub struct Route {
    /// GET, POST, PUT, PATCH or DELETE.
    pub method: Method,
    /// Its path; a part in braces is a parameter.
    pub path: &'static str,
    /// Who may call it.
    pub rule: Rule,
    /// Whether it is a write that takes an idempotency key.
    pub once: bool,
    /// Its name in the OpenAPI document.
    pub name: &'static str,
    pub(super) summary: &'static str,
    pub(super) parameters: Vec<Parameter>,
    pub(super) takes: Option<Content>,
    /// Status, and the kinds of body of which it has one.
    pub(super) gives: (u16, Vec<Content>),
    pub(super) fails: Vec<Code>,
    handler: MethodRouter<Arc<StaffState>>,
}

impl std::fmt::Debug for Route {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{} {}", self.method, self.path)
    }
}

impl Route {
    /// A route: all of this must be said. A write takes an idempotency key unless [`Route::again`].
    pub(super) fn new<H, T>(
        method: Method,
        path: &'static str,
        rule: Rule,
        name: &'static str,
        summary: &'static str,
        handler: H,
    ) -> Self
    where
        H: Handler<T, Arc<StaffState>>,
        T: 'static,
    {
        // All methods that are written here have a filter.
        let filter = MethodFilter::try_from(method.clone()).unwrap_or(MethodFilter::GET);
        Self {
            once: method != Method::GET,
            method,
            path,
            rule,
            name,
            summary,
            parameters: Vec::new(),
            takes: None,
            gives: (200, Vec::new()),
            fails: Vec::new(),
            handler: on(filter, handler),
        }
    }

    /// A write that may be repeated as it is: it takes no idempotency key.
    pub(super) fn again(mut self) -> Self {
        self.once = false;
        self
    }

    /// Its body.
    pub(super) fn takes<T: ToSchema>(mut self) -> Self {
        self.takes = Some(Content { media_type: "application/json", schema: schema_of::<T> });
        self
    }

    /// Its answer.
    pub(super) fn gives<T: ToSchema>(mut self, status: u16) -> Self {
        self.gives = (status, vec![Content { media_type: "application/json", schema: schema_of::<T> }]);
        self
    }

    /// Its answer, or another kind of it, where that is no JSON.
    pub(super) fn gives_text(mut self, media_type: &'static str) -> Self {
        self.gives.1.push(Content { media_type, schema: |_| text_schema() });
        self
    }

    /// Its answer, where that is bytes of this kind.
    pub(super) fn gives_bytes(mut self, media_type: &'static str) -> Self {
        // Without a schema: bytes are no text, and OpenAPI 3.1 says no more of them than their type.
        self.gives.1.push(Content {
            media_type,
            schema: |_| RefOr::T(Schema::Object(Object::builder().schema_type(SchemaType::AnyValue).build())),
        });
        self
    }

    /// Its answer, where that is a document of JSON which describes itself.
    pub(super) fn gives_document(mut self) -> Self {
        self.gives.1.push(Content {
            media_type: "application/json",
            schema: |_| RefOr::T(Schema::Object(Object::default())),
        });
        self
    }

    /// A parameter of the query.
    pub(super) fn asks(mut self, name: &'static str, kind: Kind, describes: &'static str) -> Self {
        self.parameters.push(Parameter { name, kind, in_head: false, describes });
        self
    }

    /// A header that may be given.
    pub(super) fn heeds(mut self, name: &'static str, kind: Kind, describes: &'static str) -> Self {
        self.parameters.push(Parameter { name, kind, in_head: true, describes });
        self
    }

    /// Problems beyond those that every such route has.
    pub(super) fn fails(mut self, codes: &[Code]) -> Self {
        self.fails.extend(codes);
        self
    }

    /// Its problems, those that follow from what it is included.
    pub(super) fn problems(&self) -> Vec<Code> {
        let mut codes = self.fails.clone();
        codes.extend([Code::MethodNotAllowed, Code::Internal, Code::Unavailable]);
        if self.rule != Rule::Open {
            codes.push(Code::NotSignedIn);
        }
        if matches!(self.rule, Rule::May(_) | Rule::MayAny(_)) {
            codes.push(Code::NotAllowed);
        }
        if self.path.contains('{') {
            codes.extend([Code::NotFound, Code::InvalidParameter]);
        }
        if !self.parameters.is_empty() {
            codes.push(Code::InvalidParameter);
        }
        if self.once {
            codes.extend([Code::KeyMissing, Code::KeyReused, Code::TooLarge, Code::TooSlow]);
            codes.push(Code::VersionConflict);
        }
        if self.takes.is_some() {
            codes.extend([Code::Malformed, Code::TooLarge, Code::TooSlow, Code::NotJson, Code::Invalid]);
        }
        codes.sort_unstable();
        codes.dedup();
        codes
    }
}

fn schema_of<T: ToSchema>(named: &mut Named) -> RefOr<Schema> {
    T::schemas(named);
    named.push((T::name().into_owned(), T::schema()));
    RefOr::Ref(Ref::from_schema_name(T::name()))
}

fn text_schema() -> RefOr<Schema> {
    let text = utoipa::openapi::ObjectBuilder::new().schema_type(utoipa::openapi::Type::String);
    RefOr::T(Schema::Object(text.build()))
}

/// The router of the table.
pub(super) fn router(state: &Arc<StaffState>) -> Router {
    routes()
        .into_iter()
        .fold(Router::new(), |router, route| {
            let guarded = Guard { state: Arc::clone(state), rule: route.rule, once: route.once };
            let handler = route.handler.route_layer(from_fn_with_state(guarded, guard));
            router.route(route.path, handler)
        })
        .fallback(|| async { super::Problem::from(Code::NotFound) })
        .method_not_allowed_fallback(|| async { super::Problem::from(Code::MethodNotAllowed) })
        .with_state(Arc::clone(state))
}
