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
    mod texts;
    mod validation;
}
#[cfg(test)]
mod openai {
    mod answers;
    mod faults;
    mod form;
    mod responses;
    mod validation;
}
#[cfg(test)]
mod telegram {
    mod bot;
    mod control;
    mod faults;
    mod limits;
    mod methods;
    mod updates;
}
#[cfg(test)]
mod texts;
#[cfg(test)]
mod world;
