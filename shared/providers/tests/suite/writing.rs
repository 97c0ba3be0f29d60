//! What a test writes when it is about the answer.

use std::time::Duration;

use serde_json::{Value, json};
use toonmill_domain::Failure;
use toonmill_providers::{Catalogue, Kind, Providers, WriteRequest, Writing};

use crate::server::{Answer, Received, Server};

/// Those that write.
pub(crate) const WRITERS: [Kind; 2] = [Kind::Gemini, Kind::OpenAi];

pub(crate) struct Essay {
    pub(crate) catalogue: Catalogue,
    pub(crate) model: &'static str,
    pub(crate) system: Option<&'static str>,
    pub(crate) input: &'static str,
    pub(crate) schema: Option<Value>,
    pub(crate) temperature: Option<f64>,
    pub(crate) max_output_tokens: u32,
    pub(crate) time_limit: Duration,
}

impl Essay {
    /// By the provider's default model.
    pub(crate) fn by(kind: Kind) -> Self {
        let catalogue = Catalogue::built_in().unwrap();
        let model = match kind {
            Kind::Gemini => "gemini-3.8-flash",
            Kind::OpenAi => "gpt-5.6-luna",
            Kind::Seedream => panic!("Seedream does not write"),
        };
        Self {
            catalogue,
            model,
            system: None,
            input: "A recipe",
            schema: None,
            temperature: None,
            max_output_tokens: 64,
            time_limit: Duration::from_secs(30),
        }
    }

    pub(crate) fn with_schema(kind: Kind) -> Self {
        Self { schema: Some(recipe()), ..Self::by(kind) }
    }

    pub(crate) async fn write(&self, providers: &Providers) -> Result<Writing, Failure> {
        let model = self.catalogue.text_model(self.model).unwrap().model;
        let request = WriteRequest {
            model,
            system: self.system,
            input: self.input,
            schema: self.schema.as_ref(),
            temperature: self.temperature,
            max_output_tokens: self.max_output_tokens,
            time_limit: self.time_limit,
        };
        providers.writer(&model.provider).unwrap().write(request).await
    }

    pub(crate) async fn answered(self, answer: Answer) -> Result<Writing, Failure> {
        let server = Server::start(answer).await;
        let written = self.write(&server.providers()).await;
        assert_eq!(server.received().len(), 1);
        written
    }

    /// The request of a call that goes well.
    pub(crate) async fn sent(self, answer: Answer) -> (Received, Value) {
        let server = Server::start(answer).await;
        self.write(&server.providers()).await.unwrap();
        let [request] = server.received().try_into().unwrap();
        let body = serde_json::from_slice(&request.body).unwrap();
        (request, body)
    }
}

/// The schema of the recordings.
pub(crate) fn recipe() -> Value {
    json!({
        "properties": {
            "name": { "title": "Name", "type": "string" },
            "steps": { "items": { "type": "string" }, "title": "Steps", "type": "array" },
        },
        "required": ["name", "steps"],
        "title": "Recipe",
        "type": "object",
        "additionalProperties": false,
    })
}
