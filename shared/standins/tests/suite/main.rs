//! The server as a client sees it: real HTTP requests to a real port.

#[cfg(test)]
mod clients;
#[cfg(test)]
mod ark {
    mod answers;
    mod faults;
    mod validation;
}
#[cfg(test)]
mod gemini {
    mod answers;
    mod control;
    mod faults;
    mod pictures;
    mod validation;
}
#[cfg(test)]
mod openai {
    mod answers;
    mod faults;
    mod form;
    mod validation;
}
#[cfg(test)]
mod world;
