//! A headless Chromium, asked through its debugging pipe: JSON messages that end with a zero byte.

use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use tempfile::TempDir;

/// Browsers by name, as they are called on Debian, Ubuntu, Fedora and macOS.
const NAMES: [&str; 5] = [
    "chromium",
    "chromium-browser",
    "google-chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

/// One open page.
pub(crate) struct Browser {
    process: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
    next: u64,
    session: String,
    /// The address of the page.
    address: Option<String>,
    /// What was told without being asked.
    events: Vec<Value>,
    _profile: TempDir,
}

fn program() -> String {
    let named = std::env::var("CIVEX_BROWSER").ok();
    let is_there = |name: &String| {
        let found = Command::new(name).arg("--version").stdout(Stdio::null()).status();
        found.is_ok_and(|status| status.success())
    };
    let mut all = named.into_iter().chain(NAMES.map(ToString::to_string));
    all.find(is_there).expect("a Chromium: `make test` installs one, or name it in CIVEX_BROWSER")
}

impl Browser {
    /// Opens a file in a window of such a size, light or dark.
    pub(crate) fn open(file: &Path, [width, height]: [u32; 2], scheme: &str) -> Self {
        let profile = tempfile::tempdir().unwrap();
        // The pipe is read at 3 and written at 4.
        let mut process = Command::new("sh")
            .args(["-c", "exec \"$@\" 3<&0 4>&1 0</dev/null 1>/dev/null 2>/dev/null", "sh"])
            .arg(program())
            .args(["--headless", "--remote-debugging-pipe", "--no-sandbox", "--disable-gpu"])
            .args(["--disable-quic", "--no-first-run", "--disable-background-networking"])
            .args(["--disable-component-update", "--disable-sync", "--hide-scrollbars"])
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .arg("about:blank")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (to, from) = (process.stdin.take().unwrap(), process.stdout.take().unwrap());
        let from = BufReader::new(from);
        let (next, session, address, events) = (1, String::new(), None, Vec::new());
        let mut browser =
            Self { process, to, from, next, session, address, events, _profile: profile };
        let attach = json!({"autoAttach": true, "waitForDebuggerOnStart": false, "flatten": true});
        browser.ask("Target.setAutoAttach", &attach);
        browser.session = browser.attached();
        for domain in ["Page", "Runtime", "Log", "Network"] {
            browser.ask(&format!("{domain}.enable"), &json!({}));
        }
        browser.size([width, height]);
        browser.medium("screen", scheme);
        let address = format!("file://{}", file.display());
        browser.ask("Page.navigate", &json!({"url": address}));
        browser.address = Some(address);
        browser.wait("document.readyState === 'complete'");
        browser
    }

    /// Gives the window another size.
    pub(crate) fn size(&mut self, [width, height]: [u32; 2]) {
        let of = json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false});
        self.ask("Emulation.setDeviceMetricsOverride", &of);
    }

    /// Shows the page on a screen or in print, light or dark, without motion: what was done is seen at once.
    pub(crate) fn medium(&mut self, medium: &str, scheme: &str) {
        let features = json!([
            {"name": "prefers-color-scheme", "value": scheme},
            {"name": "prefers-reduced-motion", "value": "reduce"},
        ]);
        let of = json!({"media": medium, "features": features});
        self.ask("Emulation.setEmulatedMedia", &of);
    }

    /// What a piece of script gives.
    pub(crate) fn tell(&mut self, script: &str) -> Value {
        let of = json!({"expression": script, "returnByValue": true, "awaitPromise": true});
        let told = self.ask("Runtime.evaluate", &of);
        assert!(told["exceptionDetails"].is_null(), "{script}: {told}");
        told["result"]["value"].clone()
    }

    /// Waits until a piece of script is true.
    pub(crate) fn wait(&mut self, script: &str) {
        let in_page = format!(
            "new Promise(done => {{ const begun = Date.now(); const look = () => {{ \
             if (({script})) return done(true); if (Date.now() - begun > 60000) return done(false); \
             setTimeout(look, 20); }}; look(); }})"
        );
        assert_eq!(self.tell(&in_page), json!(true), "waited in vain: {script}");
    }

    /// Clicks at a place of the window.
    pub(crate) fn click(&mut self, [x, y]: [f64; 2]) {
        for kind in ["mouseMoved", "mousePressed", "mouseReleased"] {
            let of = json!({"type": kind, "x": x, "y": y, "button": "left", "clickCount": 1});
            self.ask("Input.dispatchMouseEvent", &of);
        }
    }

    /// Presses a key that is called so, with its number.
    pub(crate) fn press(&mut self, key: &str, number: u32) {
        for kind in ["rawKeyDown", "keyUp"] {
            let of =
                json!({"type": kind, "key": key, "code": key, "windowsVirtualKeyCode": number});
            self.ask("Input.dispatchKeyEvent", &of);
        }
    }

    /// The window as a picture: PNG.
    pub(crate) fn picture(&mut self) -> Vec<u8> {
        self.bytes("Page.captureScreenshot", &json!({"format": "png"}))
    }

    /// The page in print: PDF.
    pub(crate) fn print(&mut self, [width, height]: [f64; 2]) -> Vec<u8> {
        let of = json!({"paperWidth": width, "paperHeight": height, "preferCSSPageSize": false});
        self.bytes("Page.printToPDF", &of)
    }

    fn bytes(&mut self, what: &str, of: &Value) -> Vec<u8> {
        use base64::Engine;
        let told = self.ask(what, of);
        let engine = base64::engine::general_purpose::STANDARD;
        engine.decode(told["data"].as_str().unwrap()).unwrap()
    }

    /// Errors of the console, and what was asked of anybody but the page itself.
    pub(crate) fn faults(&self) -> Vec<String> {
        let of = |event: &Value| {
            let about = &event["params"];
            let url = about["request"]["url"].as_str().unwrap_or_default();
            let is_own = Some(url) == self.address.as_deref();
            match event["method"].as_str().unwrap_or_default() {
                "Runtime.exceptionThrown" | "Runtime.consoleAPICalled" | "Log.entryAdded" => {
                    Some(about.to_string())
                }
                "Network.requestWillBeSent" if !is_own && !url.starts_with("data:") => {
                    Some(url.to_string())
                }
                _ => None,
            }
        };
        self.events.iter().filter_map(of).collect()
    }

    /// The session of the first page that is there.
    fn attached(&mut self) -> String {
        loop {
            let of_page = |event: &&Value| {
                event.pointer("/params/targetInfo/type").is_some_and(|kind| kind == "page")
            };
            let mut page = self.events.iter().filter(of_page);
            let page = page.find_map(|event| event["params"]["sessionId"].as_str());
            if let Some(session) = page {
                return session.to_string();
            }
            let event = self.message();
            self.events.push(event);
        }
    }

    fn message(&mut self) -> Value {
        let mut message = Vec::new();
        self.from.read_until(0, &mut message).unwrap();
        assert_eq!(message.pop(), Some(0), "the browser is gone");
        serde_json::from_slice(&message).unwrap()
    }

    fn ask(&mut self, what: &str, of: &Value) -> Value {
        let id = self.next;
        self.next += 1;
        let mut message = json!({"id": id, "method": what, "params": of});
        if !self.session.is_empty() {
            message["sessionId"] = json!(self.session);
        }
        let mut text = message.to_string().into_bytes();
        text.push(0);
        self.to.write_all(&text).unwrap();
        self.to.flush().unwrap();
        loop {
            let answer = self.message();
            if answer["id"] == json!(id) {
                assert!(answer["error"].is_null(), "{what}: {answer}");
                return answer["result"].clone();
            }
            self.events.push(answer);
        }
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _gone_already = self.process.kill();
        let _reaped = self.process.wait();
    }
}
