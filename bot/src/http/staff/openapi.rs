//! The OpenAPI 3.1 document of the API, made from the table of routes.

use std::collections::BTreeMap;

use axum::http::Method;
use cabildo_staff_api as wire;
use utoipa::ToSchema as _;
use utoipa::openapi::path::{HttpMethod, Operation, OperationBuilder, ParameterBuilder, ParameterIn};
use utoipa::openapi::request_body::RequestBodyBuilder;
use utoipa::openapi::response::ResponseBuilder;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{
    ComponentsBuilder, Content as ContentOf, InfoBuilder, KnownFormat, ObjectBuilder, OpenApi,
    OpenApiBuilder, PathsBuilder, Ref, RefOr, Required, Schema, SchemaFormat, Type,
};

use super::auth::Rule;
use super::problem::Code;
use super::routes::{Content, Kind, Named, Parameter, Route, routes};

/// The document.
pub fn document() -> OpenApi {
    let mut named: Named = Vec::new();
    wire::Problem::schemas(&mut named);
    named.push((wire::Problem::name().into_owned(), <wire::Problem as utoipa::PartialSchema>::schema()));
    let mut paths = PathsBuilder::new().build();
    for route in routes() {
        let operation = operation(&route, &mut named);
        paths.add_path_operation(route.path, vec![method(&route.method)], operation);
    }
    let bearer = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .description(Some("The token of POST /staff/v1/sessions."))
        .build();
    let components = ComponentsBuilder::new()
        .schemas_from_iter(named.into_iter().collect::<BTreeMap<_, _>>())
        .security_scheme("session", SecurityScheme::Http(bearer))
        .build();
    OpenApiBuilder::new()
        .info(
            InfoBuilder::new()
                .title("Cabildo staff API")
                .version("1")
                .description(Some(
                    "Everything that the staff console does. Instants are Unix ms. Errors are problem details \
                     (RFC 9457) with a stable `code`. Every write takes an `Idempotency-Key`: a repeat within \
                     two days gets the first answer.",
                ))
                .build(),
        )
        .paths(paths)
        .components(Some(components))
        .build()
}

/// The document as it is checked in and served.
///
/// # Errors
/// It can't be written as JSON.
pub fn document_json() -> Result<String, serde_json::Error> {
    // Over a value, so that the order of keys hangs on nothing.
    let value = serde_json::to_value(document())?;
    serde_json::to_string_pretty(&value).map(|it| it + "\n")
}

fn method(method: &Method) -> HttpMethod {
    match method.as_str() {
        "POST" => HttpMethod::Post,
        "PUT" => HttpMethod::Put,
        "PATCH" => HttpMethod::Patch,
        "DELETE" => HttpMethod::Delete,
        _ => HttpMethod::Get,
    }
}

fn operation(route: &Route, named: &mut Named) -> Operation {
    let tag = route.path.split('/').nth(3).unwrap_or_default();
    let mut operation = OperationBuilder::new()
        .operation_id(Some(route.name))
        .summary(Some(route.summary))
        .description(Some(allowed(route.rule)))
        .tag(tag);
    for name in route.path.split('{').skip(1).filter_map(|it| it.split('}').next()) {
        let kind = if name == "id" { Kind::Id } else { Kind::Text(128) };
        operation = operation.parameter(
            ParameterBuilder::new()
                .name(name)
                .parameter_in(ParameterIn::Path)
                .required(Required::True)
                .schema(Some(schema_of_kind(kind))),
        );
    }
    for it in &route.parameters {
        operation = operation.parameter(parameter(it));
    }
    if route.once {
        operation = operation.parameter(
            ParameterBuilder::new()
                .name("Idempotency-Key")
                .parameter_in(ParameterIn::Header)
                .required(Required::True)
                .description(Some("Chosen by the caller for this one write, such as a UUID."))
                .schema(Some(
                    ObjectBuilder::new()
                        .schema_type(Type::String)
                        .min_length(Some(1))
                        .max_length(Some(128))
                        .pattern(Some("^[!-~]+$")),
                )),
        );
    }
    if let Some(content) = route.takes {
        let body = RequestBodyBuilder::new()
            .required(Some(Required::True))
            .content(content.media_type, ContentOf::new(Some((content.schema)(named))));
        operation = operation.request_body(Some(body.build()));
    }
    let (status, contents) = &route.gives;
    operation = operation.response(status.to_string(), answer(contents, named));
    for (status, codes) in by_status(&route.problems()) {
        let problem = RefOr::Ref(Ref::from_schema_name(wire::Problem::name()));
        let response = ResponseBuilder::new()
            .description(codes)
            .content("application/problem+json", ContentOf::new(Some::<RefOr<Schema>>(problem)));
        operation = operation.response(status.to_string(), response.build());
    }
    if route.rule != Rule::Open {
        operation = operation.security(SecurityRequirement::new("session", Vec::<String>::new()));
    }
    operation.build()
}

/// Which roles may call it, in words.
fn allowed(rule: Rule) -> String {
    let roles = |allowed: &dyn Fn(crate::domain::staff::Role) -> bool| {
        let names = crate::domain::staff::Role::ALL.into_iter().filter(|it| allowed(*it));
        let names: Vec<&str> = names.map(crate::domain::staff::Role::code).collect();
        format!("For: {}.", names.join(", "))
    };
    match rule {
        Rule::Open => "For everybody.".to_owned(),
        Rule::SignedIn => "For everybody who is signed in.".to_owned(),
        Rule::May(act) => roles(&|role| role.may(act)),
        Rule::MayAny(acts) => roles(&|role| acts.iter().any(|it| role.may(*it))),
    }
}

fn answer(contents: &[Content], named: &mut Named) -> utoipa::openapi::Response {
    let response = ResponseBuilder::new().description("Done");
    let with = contents.iter().fold(response, |response, content| {
        response.content(content.media_type, ContentOf::new(Some((content.schema)(named))))
    });
    with.build()
}

/// The codes of each status, as its description.
fn by_status(codes: &[Code]) -> BTreeMap<u16, String> {
    let mut statuses: BTreeMap<u16, Vec<&str>> = BTreeMap::new();
    for code in codes {
        statuses.entry(code.status().as_u16()).or_default().push(code.code());
    }
    statuses.into_iter().map(|(status, codes)| (status, codes.join(", "))).collect()
}

fn parameter(it: &Parameter) -> ParameterBuilder {
    ParameterBuilder::new()
        .name(it.name)
        .parameter_in(if it.in_head { ParameterIn::Header } else { ParameterIn::Query })
        .required(Required::False)
        .description(Some(it.describes))
        .schema(Some(schema_of_kind(it.kind)))
}

fn schema_of_kind(kind: Kind) -> ObjectBuilder {
    let object = ObjectBuilder::new();
    match kind {
        Kind::Number(least, most) => object
            .schema_type(Type::Integer)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::Int64)))
            .minimum(Some(least))
            .maximum(Some(most)),
        Kind::Text(longest) => object.schema_type(Type::String).max_length(Some(longest)),
        Kind::Id => {
            object.schema_type(Type::String).format(Some(SchemaFormat::KnownFormat(KnownFormat::Uuid)))
        }
        Kind::Word(words) => {
            object.schema_type(Type::String).enum_values(Some(words.iter().map(|it| (*it).to_owned())))
        }
    }
}
