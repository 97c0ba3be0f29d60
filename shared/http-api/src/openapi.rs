//! Endpoints as they are declared: one declaration makes the route, its part of the `OpenAPI` document, and its line in
//! every test that goes over all endpoints.

mod document;
pub mod schema;

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    sync::OnceLock,
};

use axum::{
    Router,
    handler::Handler,
    routing::{self, MethodRouter},
};
use http::{Method, StatusCode};
use serde_json::Value;

pub use document::document;

/// Who may call an endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    Anybody,
    /// Whoever has a token, or a service key with the scope for it.
    Caller,
}

/// A parameter that is not in the path.
#[derive(Clone, Debug)]
struct Parameter {
    name: &'static str,
    place: &'static str,
    schema: Value,
}

/// An answer that is no problem.
#[derive(Clone, Debug)]
struct Answer {
    says: &'static str,
    /// The media type and the shape of its body, if it has one.
    content: Option<(&'static str, Value)>,
    headers: Vec<&'static str>,
    /// Operations whose `id` is a member of this answer, by the member's pointer.
    links: Vec<(&'static str, &'static str)>,
}

/// What an endpoint is told, and what it answers.
#[derive(Clone, Debug)]
pub struct Operation {
    id: String,
    does: &'static str,
    access: Access,
    parameters: Vec<Parameter>,
    body: Option<(Value, bool)>,
    answers: BTreeMap<u16, Answer>,
    problems: BTreeSet<u16>,
}

const JSON: &str = "application/json";

impl Operation {
    /// An endpoint for callers. `id` is what generated clients call it.
    pub fn new(id: impl Into<String>, does: &'static str) -> Self {
        Self {
            id: id.into(),
            does,
            access: Access::Caller,
            parameters: Vec::new(),
            body: None,
            answers: BTreeMap::new(),
            problems: BTreeSet::new(),
        }
    }

    #[must_use]
    pub fn open(mut self) -> Self {
        self.access = Access::Anybody;
        self
    }

    #[must_use]
    pub fn query(mut self, name: &'static str, schema: Value) -> Self {
        self.parameters.push(Parameter { name, place: "query", schema });
        self
    }

    #[must_use]
    pub fn header(mut self, name: &'static str, schema: Value) -> Self {
        self.parameters.push(Parameter { name, place: "header", schema });
        self
    }

    /// A list in pages.
    #[must_use]
    pub fn paged(self) -> Self {
        self.query("limit", schema::whole(1, 100)).query("cursor", schema::text())
    }

    #[must_use]
    pub fn body(mut self, schema: Value) -> Self {
        self.body = Some((schema, true));
        self
    }

    /// A body that may be absent, and then may be anything that says nothing.
    #[must_use]
    pub fn optional_body(mut self, schema: &Value) -> Self {
        self.body = Some((schema::or_nothing(schema), false));
        self
    }

    #[must_use]
    pub fn answers(mut self, status: StatusCode, says: &'static str, schema: Value) -> Self {
        let content = Some((JSON, schema));
        self.answers.insert(status.as_u16(), Answer { says, content, headers: Vec::new(), links: Vec::new() });
        self
    }

    #[must_use]
    pub fn answers_text(mut self, status: StatusCode, says: &'static str, media_type: &'static str) -> Self {
        let content = Some((media_type, schema::text()));
        self.answers.insert(status.as_u16(), Answer { says, content, headers: Vec::new(), links: Vec::new() });
        self
    }

    /// A stream of server-sent events. The schema is of one of them, as its fields are read, which is what tools take
    /// that of this media type for.
    #[must_use]
    pub fn answers_events(mut self, status: StatusCode, says: &'static str) -> Self {
        let content = Some(("text/event-stream", schema::server_sent_event()));
        self.answers.insert(status.as_u16(), Answer { says, content, headers: Vec::new(), links: Vec::new() });
        self
    }

    #[must_use]
    pub fn answers_without_body(mut self, status: StatusCode, says: &'static str) -> Self {
        self.answers.insert(status.as_u16(), Answer { says, content: None, headers: Vec::new(), links: Vec::new() });
        self
    }

    /// A header field of the answer that was declared last.
    #[must_use]
    pub fn with(mut self, status: StatusCode, header: &'static str) -> Self {
        if let Some(answer) = self.answers.get_mut(&status.as_u16()) {
            answer.headers.push(header);
        }
        self
    }

    /// Operations whose path takes its `id` from this member of the answer: `/jobId`.
    #[must_use]
    pub fn leads_to<const N: usize>(
        mut self,
        status: StatusCode,
        pointer: &'static str,
        operations: [&'static str; N],
    ) -> Self {
        if let Some(answer) = self.answers.get_mut(&status.as_u16()) {
            answer.links.extend(operations.map(|operation| (operation, pointer)));
        }
        self
    }

    /// Problems besides those that follow from the access, the path and the body.
    #[must_use]
    pub fn refuses<const N: usize>(mut self, statuses: [StatusCode; N]) -> Self {
        self.problems.extend(statuses.map(|status| status.as_u16()));
        self
    }

    pub fn access(&self) -> Access {
        self.access
    }

    /// Whether this status may be answered.
    pub fn may_answer(&self, status: StatusCode, path: &str) -> bool {
        self.answers.contains_key(&status.as_u16()) || self.all_problems(path).contains(&status.as_u16())
    }

    fn all_problems(&self, path: &str) -> BTreeSet<u16> {
        let mut all = self.problems.clone();
        // Any body may be too large, and storage may not answer.
        all.extend([500, 503]);
        if self.access == Access::Caller {
            all.extend([401, 403, 429]);
        }
        if path.contains('{') {
            // What is left of a path whose id is a lone control character, once a gateway has decoded it, is another path.
            all.extend([404, 405]);
        }
        if self.body.is_some() {
            all.extend([400, 413, 415]);
        }
        if self.parameters.iter().any(|parameter| parameter.place == "query") {
            all.insert(400);
        }
        all
    }
}

/// Says what an endpoint does, when it is asked.
pub trait Describe: Fn() -> Operation + Send + Sync + 'static {}

impl<F: Fn() -> Operation + Send + Sync + 'static> Describe for F {}

/// An endpoint.
#[derive(Clone, Debug)]
pub struct Endpoint {
    pub method: Method,
    pub path: String,
    pub operation: Operation,
}

/// Endpoints, and the router that they make.
pub struct Routes<S> {
    router: Router<S>,
    declared: Vec<Declared>,
    /// What is said of them, once somebody asks: a function that serves them never does, and shapes cost more than all
    /// else of its start.
    endpoints: OnceLock<Vec<Endpoint>>,
}

struct Declared {
    method: Method,
    path: String,
    does: Box<dyn Fn() -> Operation + Send + Sync>,
}

impl<S: Clone + Send + Sync + 'static> Default for Routes<S> {
    fn default() -> Self {
        Self { router: Router::new(), declared: Vec::new(), endpoints: OnceLock::new() }
    }
}

impl<S> fmt::Debug for Routes<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.declared.iter().map(|Declared { method, path, .. }| (method, path))).finish()
    }
}

impl<S: Clone + Send + Sync + 'static> Routes<S> {
    #[must_use]
    pub fn get<H: Handler<T, S>, T: 'static>(self, path: impl Into<String>, does: impl Describe, handler: H) -> Self {
        self.add(Method::GET, path.into(), does, routing::get(handler))
    }

    #[must_use]
    pub fn post<H: Handler<T, S>, T: 'static>(self, path: impl Into<String>, does: impl Describe, handler: H) -> Self {
        self.add(Method::POST, path.into(), does, routing::post(handler))
    }

    #[must_use]
    pub fn put<H: Handler<T, S>, T: 'static>(self, path: impl Into<String>, does: impl Describe, handler: H) -> Self {
        self.add(Method::PUT, path.into(), does, routing::put(handler))
    }

    #[must_use]
    pub fn delete<H: Handler<T, S>, T: 'static>(
        self,
        path: impl Into<String>,
        does: impl Describe,
        handler: H,
    ) -> Self {
        self.add(Method::DELETE, path.into(), does, routing::delete(handler))
    }

    /// An endpoint whose handler was made already, for this method and no other.
    #[must_use]
    pub fn add(mut self, method: Method, path: String, does: impl Describe, handler: MethodRouter<S>) -> Self {
        self.router = self.router.route(&path, handler);
        self.declared.push(Declared { method, path, does: Box::new(does) });
        self.endpoints = OnceLock::new();
        self
    }

    /// All that were declared.
    pub fn endpoints(&self) -> &[Endpoint] {
        self.endpoints.get_or_init(|| {
            let described = |Declared { method, path, does }: &Declared| Endpoint {
                method: method.clone(),
                path: path.clone(),
                operation: does(),
            };
            self.declared.iter().map(described).collect()
        })
    }

    pub fn into_router(self) -> Router<S> {
        self.router
    }
}
