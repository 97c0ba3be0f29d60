//! `POST /api/regenerate-image-batch`: many regenerations for one cut, each by whoever it asks for.

use serde_json::{Map, Value};

use crate::{
    kinds::{Process, read_cut, regenerate},
    pictures::Pictures,
    reader::Fields,
    stage::StageDraft,
};

const MOST: usize = 100;

pub(super) fn read(fields: &Fields<'_>, pictures: &Pictures<'_>) -> Vec<StageDraft> {
    let cut = read_cut(fields, Process::Needed);
    let given = fields.require(fields.any("requests"));
    // An empty object is an empty list too.
    let is_empty =
        |value: &Value| value.as_array().is_some_and(Vec::is_empty) || value.as_object().is_some_and(Map::is_empty);
    if given.value.is_some_and(is_empty) {
        fields.problem(&given.pointer, format!("must hold 1 to {MOST} requests"));
    }
    let read = |request: Fields<'_>| {
        let count = request.any("count");
        if !count.absent {
            request.problem(&count.pointer, "has no place here: a request is for one picture");
        }
        let watermark = request.flag("watermark").value;
        let stage = regenerate::read_for(&request, pictures, |_| cut.clone());
        StageDraft { quantity: 1, watermark, ..stage }
    };
    fields.objects("requests", MOST).into_iter().map(read).collect()
}
