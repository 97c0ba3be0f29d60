//! How something right is spoilt.

use serde_json::{Number, Value, json};

use crate::decisions::Decisions;

/// Changes of one input, at most.
const MOST: usize = 8;

/// Bytes with some of them changed, missing, moved or new.
pub(crate) fn bytes(right: &[u8], decisions: &mut Decisions<'_>) -> Vec<u8> {
    let mut bytes = right.to_vec();
    for _ in 0..MOST {
        if decisions.are_over() || bytes.is_empty() {
            break;
        }
        let at = decisions.below(bytes.len());
        match decisions.below(7) {
            0 => bytes[at] ^= 1 << decisions.below(8),
            1 => bytes[at] = decisions.byte(),
            2 => bytes.truncate(at),
            3 => {
                let new = decisions.some(16).to_vec();
                bytes.splice(at..at, new);
            }
            4 => {
                let end = (at + 1 + decisions.below(64)).min(bytes.len());
                bytes.drain(at..end);
            }
            // Lengths and sizes are numbers of four bytes.
            5 => {
                let number = *decisions.one_of(&[0, 1, 0x7fff_ffff, 0x8000_0000, u32::MAX, 0xffff, 30_000]);
                let number = if decisions.below(2) == 0 { number.to_be_bytes() } else { number.to_le_bytes() };
                bytes.iter_mut().skip(at).zip(number).for_each(|(byte, new)| *byte = new);
            }
            _ => {
                let end = (at + 1 + decisions.below(64)).min(bytes.len());
                let twice = bytes[at..end].to_vec();
                bytes.splice(at..at, twice);
            }
        }
    }
    bytes
}

/// Text with some of it changed, as UTF-8.
pub(crate) fn text(right: &str, decisions: &mut Decisions<'_>) -> String {
    String::from_utf8_lossy(&bytes(right.as_bytes(), decisions)).into_owned()
}

/// JSON with some values of it changed, missing, moved or new.
pub(crate) fn json(right: &Value, decisions: &mut Decisions<'_>) -> Value {
    let mut json = right.clone();
    for _ in 0..MOST {
        if decisions.are_over() {
            break;
        }
        let mut places = Vec::new();
        places_of(&json, String::new(), &mut places);
        let place = decisions.one_of(&places).clone();
        let from = decisions.one_of(&places).as_str();
        let moved = json.pointer(from).cloned().unwrap_or_default();
        let Some(value) = json.pointer_mut(&place) else { continue };
        match decisions.below(5) {
            0 => *value = odd(decisions),
            1 => *value = moved,
            2 => match value {
                Value::String(string) => *string = text(string, decisions),
                Value::Number(number) => {
                    let by = f64::from(i16::from_be_bytes([decisions.byte(), decisions.byte()]));
                    *number =
                        number.as_f64().and_then(|number| Number::from_f64(number + by / 2.0)).unwrap_or(0.into());
                }
                Value::Array(array) => {
                    let item = array.first().cloned().unwrap_or_default();
                    array.extend(std::iter::repeat_n(item, decisions.below(120)));
                }
                other => *other = odd(decisions),
            },
            3 => match value {
                Value::Object(object) => {
                    let names: Vec<String> = object.keys().cloned().collect();
                    if !names.is_empty() {
                        object.remove(decisions.one_of(&names));
                    }
                }
                Value::Array(array) => array.truncate(decisions.below(array.len() + 1)),
                other => *other = Value::Null,
            },
            _ => {
                if let Value::Object(object) = value {
                    let name = String::from_utf8_lossy(decisions.some(12)).into_owned();
                    let known = [
                        "count",
                        "stages",
                        "quantity",
                        "aspect_ratio",
                        "aspect-ratio",
                        "inputFileIds",
                        "model",
                        "userId",
                    ];
                    let name = if decisions.below(2) == 0 { (*decisions.one_of(&known)).to_owned() } else { name };
                    object.insert(name, odd(decisions));
                }
            }
        }
    }
    json
}

fn places_of(json: &Value, at: String, places: &mut Vec<String>) {
    match json {
        Value::Object(object) => {
            for (name, value) in object {
                places_of(value, format!("{at}/{}", name.replace('~', "~0").replace('/', "~1")), places);
            }
        }
        Value::Array(array) => {
            for (index, value) in array.iter().enumerate().take(8) {
                places_of(value, format!("{at}/{index}"), places);
            }
        }
        _ => {}
    }
    places.push(at);
}

/// A value that is seldom expected.
fn odd(decisions: &mut Decisions<'_>) -> Value {
    let nested = (0..120).fold(json!(0), |inner, _| json!([inner]));
    let odd = [
        Value::Null,
        json!(true),
        json!(0),
        json!(-1),
        json!(1.5),
        json!(u64::MAX),
        json!(i64::MIN),
        json!(1e308),
        json!(1_000),
        json!(5_001),
        json!(""),
        json!(" \u{0}\u{202e}\u{feff}\n"),
        json!("민수가 옥상에서 👨‍👩‍👧‍👦"),
        json!("x".repeat(9_000)),
        json!("16:9"),
        json!("0:0"),
        json!("65536:1"),
        json!("01890a5d-ac96-774b-bcce-b302099a8057"),
        json!("../../plans/x.json"),
        json!("https://user:pass@127.0.0.1:22/%00"),
        json!("data:image/png;base64,AAAA"),
        json!([]),
        json!({}),
        json!([{}]),
        json!({"base64": "AAAA", "mimeType": "image/png"}),
        nested,
    ];
    decisions.one_of(&odd).clone()
}
