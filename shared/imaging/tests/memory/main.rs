//! How much memory a picture takes while it is stored, libwebp's own included: what a worker's size is chosen by. This
//! is a binary of its own because memory is counted by the process.

#[cfg(test)]
mod growth;
