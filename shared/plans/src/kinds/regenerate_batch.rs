//! `POST /api/regenerate-image-batch`: many regenerations for one cut, each by whoever it asks for.

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
    if given.value.and_then(|value| value.as_array()).is_some_and(Vec::is_empty) {
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
