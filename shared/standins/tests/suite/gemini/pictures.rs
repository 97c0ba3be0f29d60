//! What calls have in common and what tells them apart.

use std::collections::HashSet;

use toonmill_standins::faults::Script;

use crate::world::{PROMPT, World};

#[tokio::test]
async fn fifty_calls_of_one_prompt_are_fifty_pictures() {
    let world = World::new().await;
    let mut pictures = HashSet::new();
    for _ in 0..50 {
        assert!(pictures.insert(world.picture(PROMPT).await));
    }
    assert_eq!(world.server.stats().pictures(), 50);
}

#[tokio::test]
async fn the_same_seed_draws_the_same_pictures_in_any_order_of_prompts() {
    let one = World::with(Script { seed: 9, ..Script::default() }).await;
    let other = World::with(Script { seed: 9, ..Script::default() }).await;
    let (first_a, first_b) = (one.picture("a").await, one.picture("b").await);
    let (second_b, second_a) = (other.picture("b").await, other.picture("a").await);
    assert!(first_a == second_a && first_b == second_b);
    assert_ne!(first_a, first_b);
}

#[tokio::test]
async fn another_seed_draws_other_pictures() {
    let one = World::with(Script { seed: 1, ..Script::default() }).await;
    let other = World::with(Script { seed: 2, ..Script::default() }).await;
    assert_ne!(one.picture(PROMPT).await, other.picture(PROMPT).await);
}
