//! multipart/form-data (RFC 7578), written into one buffer.

pub(super) struct Form {
    boundary: String,
    body: Vec<u8>,
}

impl Form {
    /// The boundary is 128 bits of chance, as other clients have it: no prompt can hold it on purpose.
    pub(super) fn new(about_bytes: usize) -> Self {
        let boundary = format!("{:032x}", fastrand::u128(..));
        Self { boundary, body: Vec::with_capacity(about_bytes + 4096) }
    }

    /// Names and file names are ours, so nothing in them needs to be escaped.
    pub(super) fn text(&mut self, name: &str, text: &str) {
        self.part(&format!("name=\"{name}\""), None, text.as_bytes());
    }

    pub(super) fn file(&mut self, name: &str, file_name: &str, mime_type: &str, bytes: &[u8]) {
        self.part(&format!("name=\"{name}\"; filename=\"{file_name}\""), Some(mime_type), bytes);
    }

    pub(super) fn content_type(&self) -> String {
        format!("multipart/form-data; boundary={}", self.boundary)
    }

    pub(super) fn finish(mut self) -> Vec<u8> {
        self.put(&["--", &self.boundary.clone(), "--\r\n"]);
        self.body
    }

    fn part(&mut self, disposition: &str, mime_type: Option<&str>, bytes: &[u8]) {
        self.put(&["--", &self.boundary.clone(), "\r\nContent-Disposition: form-data; ", disposition, "\r\n"]);
        if let Some(mime_type) = mime_type {
            self.put(&["Content-Type: ", mime_type, "\r\n"]);
        }
        self.put(&["\r\n"]);
        self.body.extend_from_slice(bytes);
        self.put(&["\r\n"]);
    }

    fn put(&mut self, texts: &[&str]) {
        for text in texts {
            self.body.extend_from_slice(text.as_bytes());
        }
    }
}
