//! The faults of the script, as far as they are the same for everybody.

use std::{sync::Arc, time::Duration};

use axum::{
    http::StatusCode,
    response::{Html, IntoResponse, Response},
};

use super::{Content, Picture, Sitting, Voice, Wording, wire};
use crate::{
    faults::{BrokenPicture, BrokenText, Cut, Fault},
    server::Line,
    sketch::{self, Brief},
};

/// A page where a picture should be, as a proxy in between might put it there.
const NOT_A_PICTURE: &str = "<html><head><title>502 Bad Gateway</title></head></html>";

pub(super) async fn answer<V: Voice>(sitting: Sitting<'_, V>, fault: Fault, line: &Line) -> Response {
    let order = &sitting.order;
    match fault {
        Fault::None {} => sitting.good().await,
        Fault::RateLimited { retry_after_ms, quota } => {
            order.rate_limited(retry_after_ms.unwrap_or(1000 + sitting.chance % 1000), quota)
        }
        Fault::Error { status, message, wrapped } => order.error(status, message, wrapped),
        Fault::Coded { status, code } => order.coded(if (400..600).contains(&status) { status } else { 500 }, &code),
        Fault::BadKey {} => order.bad_key(),
        Fault::WrongPlace {} => order.wrong_place(),
        Fault::Retired {} => order.retired(),
        Fault::BadGateway {} => (StatusCode::BAD_GATEWAY, Html(NOT_A_PICTURE)).into_response(),
        Fault::Reset { cut: Cut::BeforeAnswer } => {
            line.cut();
            StatusCode::OK.into_response()
        }
        Fault::Reset { cut: Cut::MidAnswer } => {
            let studio = Arc::clone(sitting.studio);
            wire::torn(sitting.good().await, line.clone(), studio).await
        }
        Fault::Reset { cut: Cut::LostAnswer } => {
            let answer = sitting.good().await;
            line.cut();
            answer
        }
        Fault::Slow { ms } => {
            let answer = sitting.good().await;
            sitting.studio.wait(Duration::from_millis(ms)).await;
            answer
        }
        Fault::Hang { ms } => {
            let time = ms.map_or_else(|| sitting.studio.hang(), Duration::from_millis);
            sitting.studio.wait(time).await;
            order.error(504, None, false)
        }
        Fault::Blocked { reason } => V::blocked(&sitting, &reason),
        Fault::Finished { reason } => V::finished(&sitting, &reason),
        Fault::TextOnly {} if order.draws() => V::text_only(&sitting),
        Fault::TextOnly {} => V::text(&sitting, Wording::Nothing),
        Fault::BrokenPicture { how } if order.draws() => broken_picture(&sitting, how).await,
        Fault::BrokenPicture { how } => V::text(&sitting, broken_text(how)),
        Fault::BrokenText { .. } if order.draws() => broken_picture(&sitting, BrokenPicture::Truncated).await,
        Fault::BrokenText { how } => V::text(&sitting, Wording::Broken(how)),
        Fault::BrokenJson {} => wire::broken_json(sitting.good().await).await,
        Fault::WrongRatio {} | Fault::Blank {} | Fault::Duplicate {} if !order.draws() => sitting.good().await,
        Fault::WrongRatio {} => {
            let brief = sitting.brief();
            let (width_px, height_px) = other_ratio(brief.width_px, brief.height_px);
            sitting.drawn(Brief { width_px, height_px, ..brief }).await
        }
        Fault::Blank {} => {
            let (width, height) = (order.commission().width_px, order.commission().height_px);
            let (_, encode) = order.format();
            let file = sitting.studio.work(move || encode(&sketch::blank(width, height))).await;
            sitting.with_file(file).await
        }
        Fault::Duplicate {} => sitting.drawn(sitting.brief_of_call(1)).await,
    }
}

async fn broken_picture<V: Voice>(sitting: &Sitting<'_, V>, how: BrokenPicture) -> Response {
    let Some(mut file) = sitting.draw(sitting.brief()).await else {
        return sitting.order.error(500, None, false);
    };
    let (media_type, _) = sitting.order.format();
    let other_type = if media_type == "image/png" { "image/jpeg" } else { "image/png" };
    let (media_type, content) = match how {
        BrokenPicture::Truncated => {
            file.truncate(file.len() * 3 / 5);
            (media_type, Content::File(file))
        }
        BrokenPicture::NotAPicture => (media_type, Content::File(NOT_A_PICTURE.as_bytes().to_vec())),
        BrokenPicture::BadBase64 => (media_type, Content::Text("iVBORw0KGgo*=not=base64")),
        BrokenPicture::Empty => (media_type, Content::File(Vec::new())),
        BrokenPicture::WrongType => (other_type, Content::File(file)),
    };
    V::picture(sitting, Picture { media_type, content }).await
}

/// What comes nearest, for a script that was written for pictures.
fn broken_text(how: BrokenPicture) -> Wording {
    match how {
        BrokenPicture::Truncated => Wording::Broken(BrokenText::CutOff),
        BrokenPicture::Empty => Wording::Nothing,
        BrokenPicture::NotAPicture | BrokenPicture::BadBase64 => Wording::Broken(BrokenText::NotJson),
        BrokenPicture::WrongType => Wording::Broken(BrokenText::WrongShape),
    }
}

/// A square for everything but squares.
fn other_ratio(width: u32, height: u32) -> (u32, u32) {
    if width == height { (width * 4 / 3, height * 3 / 4) } else { (width.min(height), width.min(height)) }
}
