//! What tests ask for: stages, jobs of them, retries.

use std::time::Duration;

use toonmill_cloud::table::Telling;
use toonmill_domain::{
    AccountId, Choice, Credits, Failover, ImageWork, JobId, JobKind, Limits, StagePlan, TextWork, Work,
};
use toonmill_flows::{retry::Again, submit::NewJob};

/// A stage of this prompt and quantity at 4 credits an image.
pub fn stage(prompt: &str, quantity: u32) -> StagePlan {
    StagePlan {
        prompt: prompt.to_owned(),
        quantity,
        provider: "gemini".parse().unwrap(),
        model: "gemini-3-pro-image".parse().unwrap(),
        failover: Failover::Never,
        alternatives: Vec::new(),
        price: Credits::new(4).unwrap(),
        keep_files: true,
        naming: None,
        temporary: false,
        publish: None,
        slots: [].into(),
        work: Work::Image(ImageWork {
            aspect_ratio: "1:1".parse().unwrap(),
            image_size: Some("1K".to_owned()),
            watermark: None,
            inputs: Vec::new(),
            input_files: Vec::new(),
        }),
    }
}

/// A text of this input at 2 credits.
pub fn text(input: &str) -> StagePlan {
    StagePlan {
        model: "gemini-3.8-flash".parse().unwrap(),
        price: Credits::new(2).unwrap(),
        work: Work::Text(TextWork { system: None, temperature: None, max_output_tokens: 1_024, schema: None }),
        ..stage(input, 1)
    }
}

/// A stage that Seedream may draw in Gemini's place.
pub fn stage_that_moves(prompt: &str, quantity: u32, failover: Failover) -> StagePlan {
    let elsewhere = Choice { provider: "seedream".parse().unwrap(), model: "seedream-4-5-251128".parse().unwrap() };
    StagePlan { failover, alternatives: vec![elsewhere], ..stage(prompt, quantity) }
}

/// A pipeline job of these stages.
pub fn new_job(account: &str, stages: Vec<StagePlan>) -> NewJob {
    NewJob {
        account: account.parse::<AccountId>().unwrap(),
        user: account.parse().unwrap(),
        kind: JobKind::Pipeline,
        stages,
        requests: Vec::new(),
        production_id: None,
        max_rounds: 6,
        deadline: Duration::from_hours(6),
        idempotency: None,
        limits: Limits::default(),
        ticket_key: "the key of its tickets".to_owned(),
        webhook_url: None,
        telling: Telling::default(),
    }
}

/// A retry of a job, for its owner.
pub fn again(job: JobId, account: &str) -> Again {
    Again {
        job,
        account: account.parse().unwrap(),
        deadline: Duration::from_hours(6),
        idempotency: None,
        limits: Limits::default(),
        telling: Telling::default(),
    }
}
