//! What a planned slot costs by today's rows.

use toonmill_domain::{StagePlan, Work};

use super::{CallPrice, Catalogue, TextAsk};

impl Catalogue {
    /// The price of one slot of a stage; where slots have prompts of their own, that of the dearest. None if the model
    /// is not in the catalogue any more.
    pub fn price_of(&self, stage: &StagePlan) -> Option<CallPrice> {
        match &stage.work {
            Work::Image(image) => {
                let model = self.image_model(stage.model.as_str())?.model;
                let price = model.price_of(image.image_size.as_deref())?;
                Some(CallPrice { credits: price.credits, usd_micros: price.usd_micros })
            }
            Work::Text(text) => {
                let model = self.text_model(stage.model.as_str())?.model;
                let prompts =
                    std::iter::once(&stage.prompt).chain(stage.slots.values().filter_map(|own| own.prompt.as_ref()));
                let prices = prompts.map(|prompt| {
                    model.price_of(&TextAsk {
                        system: text.system.as_deref(),
                        input: prompt,
                        schema: text.schema.as_ref(),
                        temperature: text.temperature,
                        max_output_tokens: text.max_output_tokens,
                    })
                });
                prices.collect::<Option<Vec<_>>>()?.into_iter().max_by_key(|price| price.usd_micros)
            }
        }
    }
}
