//! multipart/form-data (RFC 7578), as a list of chunks: a file is one of them, as it is, and is not copied.

use std::convert::Infallible;

use bytes::Bytes;
use futures_util::stream;
use reqwest::Body;

use crate::upload::Upload;

pub(super) struct Form {
    boundary: String,
    whole: Vec<Bytes>,
    /// What is to come before the next file.
    text: String,
}

impl Form {
    /// The boundary is 128 bits of chance, as other clients have it: no caption can hold it on purpose.
    pub(super) fn new() -> Self {
        Self { boundary: format!("{:032x}", fastrand::u128(..)), whole: Vec::new(), text: String::new() }
    }

    /// Names and file names are ours, so nothing in them needs to be escaped.
    pub(super) fn text(&mut self, name: &str, text: &str) {
        self.head(&format!("name=\"{name}\""));
        self.put(&["\r\n", text, "\r\n"]);
    }

    pub(super) fn file(&mut self, name: &str, upload: Upload) {
        self.head(&format!("name=\"{name}\"; filename=\"{}\"", upload.file_name));
        self.put(&["Content-Type: ", upload.mime_type, "\r\n\r\n"]);
        self.whole.push(std::mem::take(&mut self.text).into());
        self.whole.push(upload.bytes);
        self.put(&["\r\n"]);
    }

    /// Its content type, how many bytes it has, and the body.
    pub(super) fn finish(mut self) -> (String, usize, Body) {
        self.put(&["--", &self.boundary.clone(), "--\r\n"]);
        self.whole.push(self.text.into());
        let length = self.whole.iter().map(Bytes::len).sum();
        let body = Body::wrap_stream(stream::iter(self.whole.into_iter().map(Ok::<_, Infallible>)));
        (format!("multipart/form-data; boundary={}", self.boundary), length, body)
    }

    fn head(&mut self, disposition: &str) {
        self.put(&["--", &self.boundary.clone(), "\r\nContent-Disposition: form-data; ", disposition, "\r\n"]);
    }

    fn put(&mut self, texts: &[&str]) {
        self.text.extend(texts.iter().copied());
    }
}
