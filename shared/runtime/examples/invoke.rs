//! A function's start and its invocations, measured: plays Lambda's runtime API to a program for so many events, then closes.
//!
//! ```console
//! $ cargo build --release --bin api-jobs && cargo build --example invoke
//! $ target/debug/examples/invoke events/api-jobs-get.json 1 target/release/api-jobs
//! first event asked for after 9.1 ms; answered after 1.2 ms; at most 11.3 MB of memory
//! $ target/debug/examples/invoke events/api-jobs-get.json 0 valgrind --tool=callgrind target/release/api-jobs
//! ```
//!
//! Instructions of a start are those of a run with no event; of an invocation, the difference of runs with 20 and 10.
#![expect(clippy::print_stdout, clippy::expect_used, reason = "a tool for measuring, run by hand")]

use std::{
    env, fs,
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    process::{Child, Command},
    time::{Duration, Instant},
};

fn main() {
    let mut arguments = env::args().skip(1);
    let event = fs::read(arguments.next().expect("a file of an event")).expect("an event to read");
    let count: u32 = arguments.next().expect("how many events").parse().expect("a number of events");
    let program: Vec<String> = arguments.collect();
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address").to_string();
    let started = Instant::now();
    let mut child = Command::new(program.first().expect("a program"))
        .args(program.iter().skip(1))
        .env("AWS_LAMBDA_RUNTIME_API", address)
        .env("AWS_LAMBDA_FUNCTION_NAME", "measured")
        .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128")
        .env("AWS_LAMBDA_FUNCTION_VERSION", "1")
        .env("AWS_LAMBDA_LOG_STREAM_NAME", "log")
        .env("AWS_LAMBDA_LOG_GROUP_NAME", "log")
        .spawn()
        .expect("a program that starts");
    let mut played = Played { event, left: count, answered: 0, asked: None, answers: Vec::new() };
    // One connection after the other: the runtime keeps one, and opens another if it closes.
    for stream in listener.incoming().flatten() {
        if played.converse(stream, started, &child).is_none() {
            break;
        }
    }
    drop(listener);
    child.wait().expect("a program that ends");
    let each = played.answers.iter().sum::<Duration>() / u32::try_from(played.answers.len()).unwrap_or(1).max(1);
    println!("{} events, {each:?} each", played.answered);
}

struct Played {
    event: Vec<u8>,
    left: u32,
    answered: u32,
    asked: Option<Instant>,
    answers: Vec<Duration>,
}

impl Played {
    /// None once there is nothing more to give.
    fn converse(&mut self, stream: TcpStream, started: Instant, child: &Child) -> Option<()> {
        let mut reader = BufReader::new(stream.try_clone().ok()?);
        let mut stream = stream;
        loop {
            let Some(head) = head(&mut reader) else { return Some(()) };
            if head.starts_with("GET") {
                if self.answers.is_empty() && self.asked.is_none() {
                    println!("first event asked for after {:?}, with {}", started.elapsed(), peak(child));
                }
                if self.left == 0 {
                    println!("at most {}", peak(child));
                    return None;
                }
                self.left -= 1;
                self.asked = Some(Instant::now());
                let id = self.left;
                let head = format!(
                    "HTTP/1.1 200 OK\r\nlambda-runtime-aws-request-id: 0000-{id}\r\nlambda-runtime-deadline-ms: \
                     4102444800000\r\nlambda-runtime-invoked-function-arn: arn:aws:lambda:us-east-1:0:function:f\r\n\
                     content-type: application/json\r\ncontent-length: {}\r\n\r\n",
                    self.event.len()
                );
                stream.write_all(&[head.as_bytes(), &self.event].concat()).ok()?;
            } else {
                self.answers.extend(self.asked.map(|asked| asked.elapsed()));
                self.answered += 1;
                stream.write_all(b"HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n").ok()?;
            }
        }
    }
}

/// A request's head, once its body is read too.
fn head(reader: &mut BufReader<TcpStream>) -> Option<String> {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head).ok()? == 0 {
            return None;
        }
    }
    let lower = head.to_ascii_lowercase();
    if let Some(length) = lower.lines().find_map(|line| line.strip_prefix("content-length: ")) {
        let mut body = vec![0; length.trim().parse().ok()?];
        reader.read_exact(&mut body).ok()?;
    } else if lower.contains("transfer-encoding: chunked") {
        let mut line = String::new();
        while line.trim() != "0" {
            line.clear();
            reader.read_line(&mut line).ok()?;
            let mut chunk = vec![0; usize::from_str_radix(line.trim(), 16).ok()? + 2];
            reader.read_exact(&mut chunk).ok()?;
        }
    }
    Some(head)
}

fn peak(child: &Child) -> String {
    let status = fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
    status.lines().find(|line| line.starts_with("VmHWM")).unwrap_or_default().replace('\t', " ")
}
