//! Pictures of every kind, whole and broken, through the one path that stores them.

#[cfg(test)]
mod broken;
#[cfg(test)]
mod colours;
#[cfg(test)]
mod inputs;
#[cfg(test)]
mod kinds;
#[cfg(test)]
mod make;
#[cfg(test)]
mod notes;
#[cfg(test)]
mod spoilt;
#[cfg(test)]
mod whole;
