//! `POST /v1/responses`: texts, and data by a schema, whole or as a stream. Tools, conversations and work in the
//! background are refused.

mod answer;
mod models;
mod order;
mod stream;
mod strict;
mod voice;

pub(super) use order::Order;
