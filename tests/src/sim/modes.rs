//! The three modes, and the odds that each seed draws for itself: a run that does a little of everything finds less
//! than runs that each do much of something.

use std::time::Duration;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Faults, losses, and a sweep.
    A,
    /// No faults, no losses, no sweep: whatever moves must be moved by somebody.
    B,
    /// Faults but no losses, and a sweep only when nothing else moves; each such rescue must have a good reason.
    C,
}

impl Mode {
    pub const ALL: [Self; 3] = [Self::A, Self::B, Self::C];

    pub const fn name(self) -> &'static str {
        match self {
            Self::A => "A",
            Self::B => "B",
            Self::C => "C",
        }
    }
}

/// What a seed is about.
#[derive(Clone, Debug)]
pub(crate) struct Odds {
    pub(crate) seed: u64,
    /// Steps of the adversary before it lets the world come to rest.
    pub(crate) steps: u32,
    pub(crate) window: u32,
    /// Everybody's calls are answered in turn, and nobody's is left standing.
    pub(crate) fickle: bool,
    /// What an account is given.
    pub(crate) credits: u64,
    pub(crate) jobs: u32,
    pub(crate) deadline: Duration,
    pub(crate) tasks_at_once: usize,
    /// A call fails.
    pub(crate) fault: f64,
    /// A call is never answered.
    pub(crate) hang: f64,
    /// A handler sleeps in the middle of a call.
    pub(crate) doze: f64,
    /// A handler outlives its Lambda's deadline, asleep or not.
    pub(crate) zombie: f64,
    /// A handler stands still until others have moved on past what it knows.
    pub(crate) freeze: f64,
    /// A handler dies just after an effect of its own.
    pub(crate) cut: f64,
    /// A ring is answered by two reconcilers at once.
    pub(crate) pair: f64,
    /// A letter is doubled, delayed, lost; received while no handler can be started.
    pub(crate) double: f64,
    pub(crate) delay: f64,
    pub(crate) lose: f64,
    pub(crate) throttle: f64,
    /// The provider fails; draws another slot's picture; refuses some prompts for ever; stops a job.
    pub(crate) failing: f64,
    pub(crate) twins: f64,
    pub(crate) refuses_some: bool,
    pub(crate) stops: bool,
    /// Failures in a row that open a breaker, and for how many seconds.
    pub(crate) breaks_after: u32,
    pub(crate) cool_down_secs: u32,
    /// Requests a minute of the first provider; 0 is no budget.
    pub(crate) per_minute: u32,
    /// Weights of the next thing to happen.
    pub(crate) answer: u32,
    pub(crate) deliver: u32,
    pub(crate) tick: u32,
    pub(crate) leap: u32,
    pub(crate) crash: u32,
    pub(crate) sweep: u32,
    pub(crate) submit: u32,
    pub(crate) cancel: u32,
    pub(crate) retry: u32,
    pub(crate) settle: u32,
    /// Weight of an old letter coming again.
    pub(crate) echo: u32,
    /// Weight of acknowledging a letter that another handler still works on.
    pub(crate) snatch: u32,
    /// Weight of a user's doing what somebody who stands still waits for.
    pub(crate) favour: u32,
}

impl Odds {
    pub(crate) fn draw(mode: Mode, seed: u64) -> Self {
        let mut dice = fastrand::Rng::with_seed(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x5eed);
        let faulty = mode != Mode::B;
        let lossy = mode == Mode::A;
        let mut of = |choices: &[f64]| choices[dice.usize(..choices.len())];
        let (fault, hang, doze, zombie) = if faulty {
            (
                of(&[0.0, 0.02, 0.08, 0.25]),
                of(&[0.0, 0.0, 0.01, 0.03]),
                of(&[0.0, 0.02, 0.05, 0.1]),
                of(&[0.0, 0.3, 0.8]),
            )
        } else {
            (0.0, 0.0, 0.0, 0.0)
        };
        let (double, delay) = (of(&[0.0, 0.1, 0.4]), of(&[0.0, 0.1, 0.3]));
        let lose = if lossy { of(&[0.0, 0.02, 0.15]) } else { 0.0 };
        let throttle = if faulty { of(&[0.0, 0.0, 0.1, 0.5, 0.9]) } else { 0.0 };
        let (failing, twins) = (of(&[0.0, 0.2, 0.5, 0.8]), of(&[0.0, 0.1, 0.5]));
        let freeze = of(&[0.0, 0.05, 0.15, 0.4]);
        let cut = if faulty { of(&[0.0, 0.02, 0.08]) } else { 0.0 };
        let pair = of(&[0.0, 0.2, 0.6]);
        let mut pick = |choices: &[u32]| choices[dice.usize(..choices.len())];
        Self {
            seed,
            steps: pick(&[200, 300, 500]),
            window: pick(&[1, 2, 3, 4, 200]),
            fickle: pick(&[0, 0, 1]) == 1,
            credits: u64::from(pick(&[60, 300, 2_000])),
            jobs: pick(&[1, 1, 2, 3]),
            deadline: if lossy {
                Duration::from_mins(u64::from(pick(&[5, 60, 720, 1_440])))
            } else {
                Duration::from_hours(24)
            },
            tasks_at_once: usize::try_from(pick(&[3, 5, 9])).unwrap_or(4),
            fault,
            hang,
            doze,
            zombie,
            freeze,
            cut,
            pair,
            double,
            delay,
            lose,
            throttle,
            failing,
            twins,
            refuses_some: pick(&[0, 0, 0, 1]) == 1,
            stops: pick(&[0, 0, 1]) == 1,
            breaks_after: pick(&[1, 2, 3, 1_000]),
            cool_down_secs: pick(&[1, 20, 100]),
            per_minute: pick(&[0, 0, 2, 60]),
            answer: 100,
            deliver: pick(&[30, 60, 120]),
            tick: pick(&[2, 6]),
            leap: pick(&[0, 1, 3, 10]),
            crash: if faulty { pick(&[0, 0, 1, 4]) } else { 0 },
            sweep: if lossy { pick(&[2, 8]) } else { 0 },
            submit: 4,
            cancel: pick(&[0, 0, 1, 2]),
            retry: pick(&[0, 3, 10]),
            settle: if lossy { pick(&[0, 0, 1]) } else { 0 },
            echo: pick(&[0, 1, 4]),
            snatch: if lossy { pick(&[0, 1]) } else { 0 },
            favour: pick(&[0, 5, 20]),
        }
    }
}
