//! A local cloud for one test, and a client of its API.

use std::{
    collections::BTreeSet,
    fs,
    path::PathBuf,
    process::{Child, Command, Output, Stdio},
    time::{Duration, Instant},
};

use reqwest::{Method, RequestBuilder, Response};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

const START_LIMIT: Duration = Duration::from_mins(15);
/// Longer than the longest recovery: a slot whose message died with whoever was to send it is sent again after five minutes, and
/// noticed within one more.
const JOB_LIMIT: Duration = Duration::from_mins(8);

pub(crate) struct Cloud {
    name: &'static str,
    launcher: Child,
    pub(crate) url: String,
    pub(crate) emulator_pid: u32,
    /// Where the emulator answers in AWS's place.
    pub(crate) endpoint: String,
    outputs: Value,
    pub(crate) standins: String,
    pub(crate) client: reqwest::Client,
}

pub(crate) fn launcher(name: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_toonmill-local"));
    command.args(["--name", name]).current_dir(root());
    for key in ["GEMINI_API_KEY", "SEEDREAM_API_KEY", "OPENAI_API_KEY"] {
        command.env_remove(key);
    }
    command
}

pub(crate) fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// What the launcher wrote down about the cloud of this name.
pub(crate) fn state(name: &str) -> Option<Value> {
    // Next to the test's own binary, whatever the target folder is.
    let binary = PathBuf::from(env!("CARGO_BIN_EXE_toonmill-local"));
    let target = binary.parent()?.parent()?.to_owned();
    serde_json::from_str(&fs::read_to_string(target.join("local").join(name).join("up.json")).ok()?).ok()
}

impl Cloud {
    pub(crate) async fn up(name: &'static str, options: &[&str]) -> Self {
        let mut command = launcher(name);
        command.args(["up", "--port", "0", "--latency", "0.1-0.4"]).args(options);
        // Tests ask more often than users may.
        command.args(["--parameter", "ReadsPerMinute=100000", "--parameter", "WritesPerMinute=100000"]);
        command.args(["--parameter", "WritesPerHour=100000"]);
        let mut launcher = command.stdin(Stdio::null()).stdout(Stdio::null()).spawn().unwrap();
        let started = Instant::now();
        let ready = loop {
            if let Some(state) = state(name).filter(|state| state["pid"] == launcher.id() && !state["ready"].is_null())
            {
                break state;
            }
            assert!(launcher.try_wait().unwrap().is_none(), "the launcher ended");
            assert!(started.elapsed() < START_LIMIT, "the cloud does not start");
            pause(200).await;
        };
        Self {
            name,
            launcher,
            url: ready["url"].as_str().unwrap().to_owned(),
            emulator_pid: u32::try_from(ready["ready"]["emulator_pid"].as_u64().unwrap()).unwrap(),
            endpoint: ready["ready"]["endpoint"].as_str().unwrap().to_owned(),
            outputs: ready["ready"]["outputs"].clone(),
            standins: ready["ready"]["standins"].as_str().unwrap().to_owned(),
            client: reqwest::Client::builder().no_proxy().build().unwrap(),
        }
    }

    /// An output of the deployed template.
    pub(crate) fn output(&self, name: &str) -> &str {
        self.outputs[name].as_str().unwrap()
    }

    pub(crate) fn pid(&self) -> u32 {
        self.launcher.id()
    }

    /// Ends the launcher with no chance to tidy up.
    pub(crate) fn kill(&mut self) {
        self.launcher.kill().unwrap();
        self.launcher.wait().unwrap();
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Output {
        launcher(self.name).args(arguments).output().unwrap()
    }

    pub(crate) fn token(&self, user: &str) -> String {
        let output = self.command(&["token", "--user", user]);
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    /// Runs a function on an event and gives its answer.
    pub(crate) fn invoke(&self, function: &str, event: &Value) -> (bool, Value) {
        let mut command = launcher(self.name);
        command.args(["invoke", function, "-"]).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        std::io::Write::write_all(&mut child.stdin.take().unwrap(), event.to_string().as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        (output.status.success(), serde_json::from_slice(&output.stdout).unwrap_or(Value::Null))
    }

    pub(crate) fn grant(&self, user: &str, credits: u32) {
        let grant = json!({ "action": "grant", "accountId": user, "credits": credits, "cause": "test" });
        let (done, answer) = self.invoke("operator", &grant);
        assert!(done, "{answer}");
    }

    pub(crate) fn request(&self, method: Method, path: &str, token: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.url)).bearer_auth(token)
    }

    pub(crate) async fn get(&self, path: &str, token: &str) -> Response {
        self.request(Method::GET, path, token).send().await.unwrap()
    }

    pub(crate) async fn post(&self, path: &str, token: &str, body: &Value) -> Response {
        self.request(Method::POST, path, token).json(body).send().await.unwrap()
    }

    /// Uploads one of the pictures in `events`, and gives its file's id.
    pub(crate) async fn upload(&self, token: &str, name: &str) -> String {
        let bytes = fs::read(root().join("events").join(name)).unwrap();
        let body = json!({ "fileName": name, "mimeType": "image/webp", "sizeBytes": bytes.len() });
        let upload: Value = self.post("/api/v1/uploads", token, &body).await.json().await.unwrap();
        let put = self.client.put(upload["uploadUrl"].as_str().unwrap()).header("content-type", "image/webp");
        assert!(put.body(bytes).send().await.unwrap().status().is_success());
        upload["fileId"].as_str().unwrap().to_owned()
    }

    pub(crate) async fn submit(&self, token: &str, body: &Value) -> String {
        let answer = self.post("/api/v1/jobs", token, body).await;
        assert_eq!(answer.status(), 202);
        let location = answer.headers()["location"].to_str().unwrap().to_owned();
        let body: Value = answer.json().await.unwrap();
        let id = body["jobId"].as_str().unwrap().to_owned();
        assert_eq!(location, format!("/api/v1/jobs/{id}"));
        id
    }

    pub(crate) async fn job(&self, token: &str, id: &str) -> Value {
        self.get(&format!("/api/v1/jobs/{id}"), token).await.json().await.unwrap()
    }

    /// The job once it has ended.
    pub(crate) async fn ended(&self, token: &str, id: &str) -> Value {
        let started = Instant::now();
        let mut job = self.job(token, id).await;
        while ["IN_QUEUE", "IN_PROGRESS"].contains(&job["status"].as_str().unwrap()) {
            assert!(started.elapsed() < JOB_LIMIT, "{job}");
            let path = format!("/api/v1/jobs/{id}?wait=5&after={}", job["revision"]);
            job = self.get(&path, token).await.json().await.unwrap();
        }
        job
    }

    /// All images of a job, each downloaded and compared with its hash, in the order of the API.
    pub(crate) async fn images(&self, token: &str, id: &str) -> Vec<Value> {
        let (mut images, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = self.get(&format!("/api/v1/jobs/{id}/images?limit=7{cursor}"), token).await;
            let page: Value = page.json().await.unwrap();
            images.extend(page["data"].as_array().unwrap().iter().cloned());
            match page["nextCursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        let mut hashes = BTreeSet::new();
        for image in &images {
            let bytes = self.download(image).await;
            let hash = hex::encode(Sha256::digest(&bytes));
            assert_eq!(image["sha256"], hash.as_str());
            assert!(hashes.insert(hash), "two images have the same bytes");
        }
        images
    }

    /// The bytes of one of the images.
    pub(crate) async fn download(&self, image: &Value) -> Vec<u8> {
        let answer = self.client.get(image["url"].as_str().unwrap()).send().await.unwrap();
        answer.bytes().await.unwrap().to_vec()
    }

    /// What an account has and what is held of it: a repeated grant tells, and grants nothing.
    pub(crate) fn balance(&self, user: &str) -> (u64, u64) {
        let grant = json!({ "action": "grant", "accountId": user, "credits": 1, "cause": "test" });
        let (done, told) = self.invoke("operator", &grant);
        assert!(done && told["granted"] == false, "{told}");
        (told["balance"].as_u64().unwrap(), told["held"].as_u64().unwrap())
    }

    /// Changes fields of the stand-ins' script.
    pub(crate) async fn script(&self, fields: &Value) {
        let answer = self.client.post(format!("{}/_control", self.standins)).json(fields).send().await.unwrap();
        assert!(answer.status().is_success(), "{}", answer.text().await.unwrap());
    }

    /// An ID token of these claims, by the stand-in for Firebase.
    pub(crate) async fn firebase_token(&self, claims: &Value) -> String {
        let url = format!("{}/_control/firebase-token", self.standins);
        let answer: Value = self.client.post(url).json(claims).send().await.unwrap().json().await.unwrap();
        answer["idToken"].as_str().unwrap().to_owned()
    }

    /// The processes of a function, which are the emulator's children, or the launcher's own.
    pub(crate) fn processes(&self, output: &str) -> Vec<u32> {
        let function = format!("AWS_LAMBDA_FUNCTION_NAME={}", self.outputs[output].as_str().unwrap());
        let all = fs::read_dir("/proc").unwrap().filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
        let is_own = |pid: &u32| {
            let environment = fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
            let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
            [self.emulator_pid, self.pid()].iter().any(|parent| status.contains(&format!("PPid:\t{parent}\n")))
                && environment.split(|byte| *byte == 0).any(|variable| variable == function.as_bytes())
        };
        all.filter(is_own).collect()
    }
}

impl Drop for Cloud {
    fn drop(&mut self) {
        if self.launcher.try_wait().is_ok_and(|ended| ended.is_none()) {
            self.command(&["down"]);
            let _ = self.launcher.wait();
        }
    }
}

pub(crate) fn kill(pid: u32) {
    let pid = rustix::process::Pid::from_raw(i32::try_from(pid).unwrap()).unwrap();
    let _ = rustix::process::kill_process(pid, rustix::process::Signal::KILL);
}

pub(crate) fn is_alive(pid: u32) -> bool {
    // A zombie is gone for everybody but its parent.
    fs::read_to_string(format!("/proc/{pid}/stat")).is_ok_and(|stat| !stat.contains(") Z "))
}

#[expect(clippy::disallowed_methods, reason = "the test waits for another process")]
pub(crate) async fn pause(millis: u64) {
    tokio::time::sleep(Duration::from_millis(millis)).await;
}
