//! The functions' own clients against the stand-ins: requests that pass the strict checks, and one outcome a fault.

use std::time::Duration;

use toonmill_domain::{Failure, FailureCode};
use toonmill_providers::{
    Account, Catalogue, DrawRequest, Drawing, ImageModel, Kind, Providers, Reference, Secret, Settings,
};
use toonmill_standins::faults::{BrokenPicture, Cut, Fault, Quota};

use crate::world::{PROMPT, World, size_of};

pub(crate) struct Client {
    pub(crate) world: World,
    pub(crate) providers: Providers,
    pub(crate) catalogue: Catalogue,
}

impl Client {
    pub(crate) fn new(world: World) -> Self {
        let url = world.server.base_url();
        let account = |kind| {
            let path = match kind {
                Kind::Gemini => "",
                Kind::Seedream => "/api/v3",
                Kind::OpenAi => "/v1",
            };
            Account { api_key: Secret::new("any"), base_url: Some(format!("{url}{path}")) }
        };
        let accounts = Kind::ALL.into_iter().map(|kind| (kind, account(kind))).collect();
        let providers = Providers::connect(&Settings { accounts }).unwrap();
        Self { world, providers, catalogue: Catalogue::built_in().unwrap() }
    }

    fn model(&self, kind: Kind) -> &ImageModel {
        self.catalogue.default_image_model(&kind.as_str().parse().unwrap()).unwrap()
    }

    async fn draw(&self, model: &ImageModel, ratio: &str, references: &[Reference]) -> Result<Drawing, Failure> {
        let request = DrawRequest {
            model,
            prompt: PROMPT,
            aspect_ratio: ratio.parse().unwrap(),
            image_size: None,
            references,
            watermark: None,
            time_limit: Duration::from_secs(20),
        };
        self.providers.get(&model.provider).unwrap().draw(request).await
    }
}

async fn outcome(kind: Kind, fault: &Fault) -> Option<FailureCode> {
    let client = Client::new(World::failing(fault.clone()).await);
    client.draw(client.model(kind), "16:9", &[]).await.err().map(|failure| failure.code)
}

#[tokio::test]
async fn every_ratio_of_every_model_is_drawn_with_and_without_references() {
    let client = Client::new(World::new().await);
    let png = toonmill_standins::sketch::png(&toonmill_standins::sketch::blank(64, 64));
    let reference = Reference { mime_type: "image/png".into(), bytes: png.into() };
    for model in client.catalogue.image_models() {
        for (ratio, references) in model.aspect_ratios.iter().zip([0, 1, 2].into_iter().cycle()) {
            let references = vec![reference.clone(); references];
            let drawing = client.draw(model, &ratio.to_string(), &references).await.unwrap();
            let (width, height) = size_of(&drawing.bytes);
            assert!(ratio.fits(width, height, 4), "{} drew {width}x{height} for {ratio}", model.id);
        }
    }
    assert_eq!(client.world.server.stats().pictures(), client.world.server.stats().calls);
}

#[tokio::test]
async fn each_fault_has_one_outcome_whoever_is_asked() {
    use FailureCode::{
        BadRequest, Empty, InvalidImage, ModelRetired, Overloaded, QuotaExhausted, RateLimited, Refused, TimedOut,
        Unauthorised,
    };
    let error = |status| Fault::Error { status, message: None, wrapped: false };
    let limited = |quota| Fault::RateLimited { retry_after_ms: None, quota };
    let broken = |how| Fault::BrokenPicture { how };
    let cases = [
        (Fault::None {}, None),
        (limited(Quota::PerMinute), Some(RateLimited)),
        (limited(Quota::PerDay), Some(QuotaExhausted)),
        (error(400), Some(BadRequest)),
        (error(401), Some(Unauthorised)),
        (Fault::BadKey {}, Some(Unauthorised)),
        (Fault::WrongPlace {}, Some(Unauthorised)),
        (Fault::Retired {}, Some(ModelRetired)),
        (error(408), Some(Overloaded)),
        (error(409), Some(Overloaded)),
        (error(422), Some(BadRequest)),
        (error(500), Some(Overloaded)),
        (error(503), Some(Overloaded)),
        (Fault::BadGateway {}, Some(Overloaded)),
        // The request had arrived: it may have been worked on, and paid for.
        (Fault::Reset { cut: Cut::BeforeAnswer }, Some(TimedOut)),
        (Fault::Blocked { reason: "SAFETY".into() }, Some(Refused)),
        (Fault::Finished { reason: "IMAGE_SAFETY".into() }, Some(Refused)),
        (Fault::Finished { reason: "NO_IMAGE".into() }, Some(Empty)),
        (Fault::TextOnly {}, Some(Empty)),
        (broken(BrokenPicture::BadBase64), Some(InvalidImage)),
        (broken(BrokenPicture::Empty), Some(Empty)),
        (Fault::BrokenJson {}, Some(InvalidImage)),
        // These look like pictures; whether they are is for the worker to see.
        (broken(BrokenPicture::Truncated), None),
        (broken(BrokenPicture::NotAPicture), None),
    ];
    for kind in Kind::ALL {
        for (fault, expected) in &cases {
            assert_eq!(outcome(kind, fault).await, *expected, "{kind:?}, {fault:?}");
        }
    }
}

#[tokio::test]
async fn the_rest_of_each_table_of_errors_is_played_by_code() {
    use FailureCode::{BadRequest, ModelRetired, Overloaded, QuotaExhausted, RateLimited, Refused, Unauthorised};
    let cases = [
        (Kind::Seedream, 400, "MissingParameter", BadRequest),
        (Kind::Seedream, 400, "InvalidParameter.size", BadRequest),
        (Kind::Seedream, 400, "InvalidEndpoint.ClosedEndpoint", ModelRetired),
        (Kind::Seedream, 400, "InputTextSensitiveContentDetected.Violence", Refused),
        (Kind::Seedream, 400, "InputImageSensitiveContentDetected", Refused),
        (Kind::Seedream, 400, "OutputImageSensitiveContentDetected", Refused),
        (Kind::Seedream, 401, "AuthenticationError", Unauthorised),
        (Kind::Seedream, 403, "AccountOverdueError", QuotaExhausted),
        (Kind::Seedream, 403, "AccessDenied", Unauthorised),
        (Kind::Seedream, 403, "OperationDenied.ServiceOverdue", QuotaExhausted),
        (Kind::Seedream, 404, "InvalidEndpointOrModel.NotFound", ModelRetired),
        (Kind::Seedream, 404, "InvalidEndpointOrModel.ModelIDAccessDisabled", Unauthorised),
        (Kind::Seedream, 404, "ModelNotOpen", Unauthorised),
        (Kind::Seedream, 429, "RateLimitExceeded.EndpointRPMExceeded", RateLimited),
        (Kind::Seedream, 429, "RateLimitExceeded.EndpointTPMExceeded", RateLimited),
        (Kind::Seedream, 429, "ModelAccountRpmRateLimitExceeded", RateLimited),
        (Kind::Seedream, 429, "ModelAccountTpmRateLimitExceeded", RateLimited),
        (Kind::Seedream, 429, "ServerOverloaded", RateLimited),
        (Kind::Seedream, 429, "QuotaExceeded", QuotaExhausted),
        (Kind::Seedream, 429, "SetLimitExceeded", QuotaExhausted),
        (Kind::Seedream, 500, "InternalServiceError", Overloaded),
        (Kind::OpenAi, 400, "content_policy_violation", Refused),
        (Kind::OpenAi, 400, "billing_hard_limit_reached", QuotaExhausted),
        (Kind::OpenAi, 404, "model_not_found", ModelRetired),
        (Kind::OpenAi, 429, "insufficient_quota", QuotaExhausted),
        (Kind::Gemini, 400, "API_KEY_EXPIRED", Unauthorised),
        (Kind::Gemini, 403, "BILLING_DISABLED", QuotaExhausted),
        (Kind::Gemini, 403, "SERVICE_DISABLED", Unauthorised),
    ];
    for (kind, status, code, expected) in cases {
        let fault = Fault::Coded { status, code: code.into() };
        assert_eq!(outcome(kind, &fault).await, Some(expected), "{code}");
    }
}

#[tokio::test]
async fn what_may_have_been_paid_is_told_from_what_was_not() {
    // Gemini promises that a time-out of its own costs nothing; the others promise nothing.
    let hang = Fault::Hang { ms: Some(1) };
    assert_eq!(outcome(Kind::Gemini, &hang).await, Some(FailureCode::Overloaded));
    for kind in [Kind::Seedream, Kind::OpenAi] {
        assert_eq!(outcome(kind, &hang).await, Some(FailureCode::TimedOut), "{kind:?}");
    }
    for kind in Kind::ALL {
        let torn = Fault::Reset { cut: Cut::MidAnswer };
        assert_eq!(outcome(kind, &torn).await, Some(FailureCode::TimedOut), "{kind:?}");
    }
}

#[tokio::test]
async fn a_wait_that_is_asked_for_is_heard() {
    let fault = Fault::RateLimited { retry_after_ms: Some(2_000), quota: Quota::PerMinute };
    let client = Client::new(World::failing(fault).await);
    for kind in Kind::ALL {
        let failure = client.draw(client.model(kind), "1:1", &[]).await.unwrap_err();
        assert_eq!(failure.retry_after, Some(Duration::from_secs(2)), "{kind:?}");
    }
}
