//! The real clients against a local HTTP server that replays recorded answers: one case an outcome.

#[cfg(test)]
mod gemini {
    mod outcomes;
    mod requests;
    mod texts;
}
#[cfg(test)]
mod openai {
    mod outcomes;
    mod requests;
    mod texts;
}
#[cfg(test)]
mod seedream {
    mod links;
    mod outcomes;
    mod requests;
}
#[cfg(test)]
mod secrecy;
#[cfg(test)]
mod server;
#[cfg(test)]
mod transport;
#[cfg(test)]
mod writing;
