//! Pictures of every kind, whole and broken, through the one path that stores them.

#[cfg(test)]
mod broken;
#[cfg(test)]
mod inputs;
#[cfg(test)]
mod make;
#[cfg(test)]
mod whole;
