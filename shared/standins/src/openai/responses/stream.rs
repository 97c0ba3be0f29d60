//! The response as server-sent events, each with its name and a number, in the order of
//! <https://developers.openai.com/api/docs/guides/streaming-responses>. After the last one nothing more comes.

use serde_json::{Value, json};

use super::{
    answer::{Answer, Ending, Said, message, part, thought},
    order::Order,
};

/// The events as they are on the wire.
pub(super) fn events(order: &Order, answer: &Answer) -> Vec<String> {
    let mut events = Events::default();
    events.add("response.created", json!({ "response": order.response(None) }));
    events.add("response.in_progress", json!({ "response": order.response(None) }));
    if !matches!(answer.ending, Ending::Failed(_)) {
        let mut index = 0;
        if order.thinks() {
            events.add("response.output_item.added", json!({ "output_index": index, "item": thought() }));
            events.add("response.output_item.done", json!({ "output_index": index, "item": thought() }));
            index += 1;
        }
        if let Some(whole) = part(&answer.said) {
            events.say(index, answer, &whole);
        }
    }
    let last = match answer.ending {
        Ending::Completed => "response.completed",
        Ending::Incomplete(_) => "response.incomplete",
        Ending::Failed(_) => "response.failed",
    };
    events.add(last, json!({ "response": order.response(Some(answer)) }));
    events.lines
}

#[derive(Default)]
struct Events {
    lines: Vec<String>,
}

impl Events {
    fn add(&mut self, name: &str, more: Value) {
        let mut data = json!({ "type": name, "sequence_number": self.lines.len() });
        if let (Some(data), Value::Object(more)) = (data.as_object_mut(), more) {
            data.extend(more);
        }
        self.lines.push(format!("event: {name}\ndata: {data}\n\n"));
    }

    /// A message of one part, from its beginning to its end.
    fn say(&mut self, index: u64, answer: &Answer, whole: &Value) {
        let (kind, text) = match &answer.said {
            Said::Text(text) => ("output_text", text.as_str()),
            Said::Refusal(text) => ("refusal", *text),
            Said::Nothing => return,
        };
        let place = |more: Value| {
            let mut place = json!({ "item_id": "msg_1", "output_index": index, "content_index": 0 });
            if let (Some(place), Value::Object(more)) = (place.as_object_mut(), more) {
                place.extend(more);
            }
            place
        };
        let begun = json!({ "output_index": index, "item": message("in_progress", &[]) });
        self.add("response.output_item.added", begun);
        let empty = if kind == "refusal" { Said::Refusal("") } else { Said::Text(String::new()) };
        self.add("response.content_part.added", place(json!({ "part": part(&empty) })));
        for piece in text.split_inclusive(' ') {
            let more =
                if kind == "refusal" { json!({ "delta": piece }) } else { json!({ "delta": piece, "logprobs": [] }) };
            self.add(&format!("response.{kind}.delta"), place(more));
        }
        let more = if kind == "refusal" { json!({ "refusal": text }) } else { json!({ "text": text, "logprobs": [] }) };
        self.add(&format!("response.{kind}.done"), place(more));
        self.add("response.content_part.done", place(json!({ "part": whole })));
        let status = if answer.ending == Ending::Completed { "completed" } else { "incomplete" };
        let done = json!({ "output_index": index, "item": message(status, std::slice::from_ref(whole)) });
        self.add("response.output_item.done", done);
    }
}
