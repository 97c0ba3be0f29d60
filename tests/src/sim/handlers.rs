//! What runs: each handler as its function runs it, with one record to a batch.

use std::{
    collections::BTreeSet,
    fmt::Display,
    pin::Pin,
    rc::Rc,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, Wake, Waker},
    time::Duration,
};

use toonmill_cloud::{
    Conditional,
    table::{CancelRefused, Telling},
};
use toonmill_domain::{AccountId, Epoch, JobId, Limits, ReconcileMessage, RingCause, SlotMessage, Timestamp};
use toonmill_flows::{
    draw::{Delivery, DrawError, Drawn},
    operate::{Action, OperateError},
    reconcile::{ReconcileError, Reconciled},
    retry::{Again, RetryError},
    submit::{NewJob, SubmitError},
};
use toonmill_runtime::again::{self, ComesAgain};

use super::debts::Debt;
use crate::world::World;

/// Names what a handler does.
#[derive(Clone, Debug)]
pub(crate) enum Work {
    Submit(Box<NewJob>),
    Cancel { job: JobId, account: AccountId },
    Retry { job: JobId, account: AccountId, deadline: Duration },
    Draw { message: SlotMessage, holder: String },
    Reconcile(ReconcileMessage),
    BuryImage(SlotMessage),
    BuryRing(JobId),
    Sweep,
    Settle(JobId),
}

/// How a handler ended by itself.
#[derive(Clone, Debug)]
pub(crate) enum Ended {
    /// Its message is acknowledged.
    Done(String),
    /// Its message comes again, when its error says.
    Failed(String, again::Again),
}

impl Ended {
    fn failed(error: &(impl ComesAgain + Display)) -> Self {
        Self::Failed(error.to_string(), error.again())
    }

    /// A fault of the code: nothing of it passes.
    fn bug(error: &impl Display) -> Self {
        Self::Failed(format!("BUG {error}"), again::Again::AfterTimeOut)
    }
}

type Handler = Pin<Box<dyn Future<Output = Ended>>>;

/// A handler under way.
pub(crate) struct Task {
    pub(crate) id: u64,
    pub(crate) work: Work,
    /// The letter that it handles, and the receipt for it.
    pub(crate) letter: Option<(u64, u64)>,
    /// When it is killed, in milliseconds.
    pub(crate) killed_at: i64,
    /// Calls to SQS in a row that did not arrive.
    pub(crate) unsent: u32,
    /// What it has begun and must finish.
    pub(crate) owes: BTreeSet<Debt>,
    /// It stood still while others went on.
    pub(crate) was_late: bool,
    handler: Handler,
    flag: Arc<Flag>,
}

struct Flag(AtomicBool);

impl Wake for Flag {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl Task {
    pub(crate) fn start(id: u64, world: &Rc<World>, work: Work, letter: Option<(u64, u64)>, killed_at: i64) -> Self {
        let deadline = world.now().plus(work.time_limit());
        // Tokio would otherwise make a task give way after some polls, and nobody would wake it.
        let handler = Box::pin(tokio::task::unconstrained(run(Rc::clone(world), work.clone(), deadline)));
        Self {
            id,
            work,
            letter,
            killed_at,
            unsent: 0,
            owes: BTreeSet::new(),
            was_late: false,
            handler,
            flag: Arc::new(Flag(AtomicBool::new(true))),
        }
    }

    pub(crate) fn is_woken(&self) -> bool {
        self.flag.0.load(Ordering::Relaxed)
    }

    pub(crate) fn poll(&mut self) -> Option<Ended> {
        self.flag.0.store(false, Ordering::Relaxed);
        let waker = Waker::from(Arc::clone(&self.flag));
        match self.handler.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(ended) => Some(ended),
            Poll::Pending => None,
        }
    }
}

impl Work {
    /// The Lambda's.
    pub(crate) const fn time_limit(&self) -> Duration {
        match self {
            Self::Submit(_) | Self::Cancel { .. } | Self::Retry { .. } | Self::Settle(_) => Duration::from_secs(29),
            _ => Duration::from_mins(1),
        }
    }

    pub(crate) const fn job(&self) -> Option<JobId> {
        match self {
            Self::Submit(_) | Self::Sweep => None,
            Self::Cancel { job, .. } | Self::Retry { job, .. } | Self::BuryRing(job) | Self::Settle(job) => Some(*job),
            Self::Draw { message, .. } | Self::BuryImage(message) => Some(message.job),
            Self::Reconcile(ring) => Some(ring.job),
        }
    }

    /// What a worker's claim is known by.
    pub(crate) fn holder(&self) -> Option<&str> {
        match self {
            Self::Draw { holder, .. } => Some(holder),
            _ => None,
        }
    }

    /// The epoch that a worker's message is of.
    pub(crate) const fn epoch(&self) -> Option<Epoch> {
        match self {
            Self::Draw { message, .. } => Some(message.epoch),
            _ => None,
        }
    }

    /// The dead letter of a slot that it buries.
    pub(crate) const fn buries(&self) -> Option<SlotMessage> {
        match self {
            Self::BuryImage(message) => Some(*message),
            _ => None,
        }
    }

    pub(crate) fn name(&self) -> String {
        match self {
            Self::Submit(new) => format!("submit {}", new.production_id.as_deref().unwrap_or("-")),
            Self::Cancel { job, .. } => format!("cancel {job}"),
            Self::Retry { job, .. } => format!("retry {job}"),
            Self::Draw { message, .. } => format!("draw {}", text_of(message)),
            Self::Reconcile(ring) => format!("reconcile {} ({:?})", ring.job, ring.cause),
            Self::BuryImage(message) => format!("bury {}", text_of(message)),
            Self::BuryRing(job) => format!("bury the ring of {job}"),
            Self::Sweep => "sweep".to_owned(),
            Self::Settle(job) => format!("settle {job} by force"),
        }
    }
}

pub(crate) fn text_of(message: &SlotMessage) -> String {
    let SlotMessage { job, stage, slot, epoch, round, fence, .. } = message;
    format!("{job}/{}/{} e{}r{}f{}", stage.0, slot.0, epoch.0, round.0, fence.0)
}

async fn run(world: Rc<World>, work: Work, deadline: Timestamp) -> Ended {
    match work {
        Work::Submit(new) => match world.submitter.submit(*new).await {
            Ok(submitted) => Ended::Done(format!("{submitted:?}")),
            Err(SubmitError::Cloud(error)) => Ended::failed(&error),
            Err(refused) => Ended::Done(refused.to_string()),
        },
        Work::Cancel { job, account } => match world.table.request_cancel(job, &account, world.now()).await {
            Ok(Conditional::Won(_)) => match world.reconciler.doorbell.ring(job, RingCause::Cancelled).await {
                Ok(()) => Ended::Done("asked".to_owned()),
                Err(error) => Ended::failed(&error),
            },
            Ok(Conditional::Lost(CancelRefused::NotFound)) => Ended::Done("no such job".to_owned()),
            Ok(Conditional::Lost(CancelRefused::Ended(_))) => Ended::Done("ended before".to_owned()),
            Err(error) => Ended::failed(&error),
        },
        Work::Retry { job, account, deadline } => {
            match world
                .retrier
                .retry(&Again {
                    job,
                    account,
                    deadline,
                    idempotency: None,
                    limits: Limits::default(),
                    telling: Telling::default(),
                })
                .await
            {
                Ok(opened) => Ended::Done(format!("{opened:?}")),
                Err(RetryError::NotOpened(SubmitError::Cloud(error))) => Ended::failed(&error),
                Err(refused) => Ended::Done(refused.to_string()),
            }
        }
        Work::Draw { message, holder } => match world.worker.draw(&message, &Delivery { holder, deadline }).await {
            Ok(drawn) => Ended::Done(drawn_text(drawn)),
            Err(error @ DrawError::Unusable(_)) => Ended::bug(&error),
            Err(error) => Ended::failed(&error),
        },
        Work::Reconcile(ring) => match world.reconciler.reconcile(ring.job, ring.cause).await {
            Ok(Reconciled::Ended(settled)) => Ended::Done(format!("Ended({:?})", settled.status)),
            Ok(reconciled) => Ended::Done(format!("{reconciled:?}")),
            Err(ReconcileError::Cloud(error)) => Ended::failed(&error),
            Err(error) => Ended::bug(&error),
        },
        Work::BuryImage(message) => match world.undertaker.bury_image(&message).await {
            Ok(buried) => Ended::Done(format!("{buried:?}")),
            Err(error) => Ended::failed(&error),
        },
        Work::BuryRing(job) => match world.undertaker.bury_reconcile(job).await {
            Ok(()) => Ended::Done("stamped".to_owned()),
            Err(error) => Ended::failed(&error),
        },
        Work::Sweep => match world.sweeper.sweep().await {
            Ok(swept) => Ended::Done(format!("{} due, {} rung", swept.due, swept.rung)),
            Err(error) => Ended::failed(&error),
        },
        Work::Settle(job) => match world.operator().operate(Action::Settle { job_id: job, force: true }).await {
            Ok(_) => Ended::Done("settling".to_owned()),
            Err(OperateError::Cloud(error)) => Ended::failed(&error),
            Err(refused) => Ended::Done(refused.to_string()),
        },
    }
}

fn drawn_text(drawn: Drawn) -> String {
    format!("{drawn:?}")
}
