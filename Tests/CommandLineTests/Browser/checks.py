"""The page in a real browser, against the built program and its simulator.

    checks.py PROGRAM DIRECTORY     pictures go into the directory

One line for each check, `ok NAME` or `failed NAME: why`; exit 1 if one failed. Waits are for states, bounded by PATIENCE.
"""

import contextlib
import http.client
import http.server
import json
import math
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect, sync_playwright

import sound

PATIENCE = 120_000
program, pictures = sys.argv[1], sys.argv[2]
# An address of this run alone: no port has to be found.
address = f"127.83.{os.getpid() // 250 % 250}.{os.getpid() % 250 + 1}"
origin = f"http://{address}:8470"
expect.set_options(timeout=PATIENCE)


class Process:
    """A program whose lines are kept, and can be waited for."""

    def __init__(self, *arguments, stdin=None):
        self.process = subprocess.Popen(
            [program, *arguments], stdin=stdin or subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        self.lines = []
        self.news = threading.Condition()
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        for line in self.process.stdout:
            with self.news:
                self.lines.append(line.rstrip())
                self.news.notify_all()
        with self.news:
            self.lines.append(None)
            self.news.notify_all()

    def wait_for(self, pattern):
        def find():
            return next((m for line in self.lines if line and (m := re.search(pattern, line))), None)

        with self.news:
            self.news.wait_for(lambda: find() or None in self.lines, PATIENCE / 1000)
            found = find()
        if not found:
            raise AssertionError(f"never said {pattern}: {[line for line in self.lines if line][-12:]}")
        return found

    def end(self, how=signal.SIGTERM):
        self.process.send_signal(how)
        self.process.wait(PATIENCE / 1000)


class Box:
    """A service on simulated modems, as a person would start it."""

    def __init__(self, directory):
        self.directory = directory
        self.socket = f"{directory}/control.sock"
        self.simulator = Process(
            "simulate", "--family", "quectel", "--modems", "2", "--link-dir", f"{directory}/ttys", stdin=subprocess.PIPE
        )
        self.simulator.wait_for("Ctrl-C")
        names = sorted(os.listdir(f"{directory}/ttys"))
        ttys = [f"{directory}/ttys/{name}" for name in names if "voice" not in name]
        voices = [f"{directory}/ttys/{name}" for name in names if "voice" in name]
        with open(f"{directory}/anna", "w") as file:
            subprocess.run([program, "web", "password"], input="seven quiet sticks\n", stdout=file, text=True, check=True)
        os.chmod(f"{directory}/anna", 0o600)
        self.ttys, self.voices = ttys, voices
        self.configure()
        self.start()

    def configure(self, web=""):
        """Writes the configuration, with more for the page."""
        directory, ttys, voices = self.directory, self.ttys, self.voices
        with open(f"{directory}/gsmbridge.yaml", "w") as file:
            file.write(
                f"""
gateway:
  name: cabin
  state_dir: {directory}/state
  socket: {self.socket}
  unknown_callers: ask
modems:
  a: {{ match: {{ tty: {ttys[0]} }}, audio: {{ way: tty, tty: {voices[0]} }}, limits: {{ max_minutes_per_day: 240 }} }}
  b: {{ match: {{ tty: {ttys[1]} }} }}
pbx:
  office:
    profile: dtmf
    callthrough: {{ access_number: "+4922166966966", script: "{{target}}#" }}
policy:
  max_calls_per_hour: 1000
ussd:
  allow: ["*100#"]
web:
  listen: {address}:8470
  users: {{ anna: {{ role: call, password: {{ file: {directory}/anna }} }} }}
{web}"""
            )
        os.chmod(f"{directory}/gsmbridge.yaml", 0o600)

    def start(self):
        self.service = Process("run", "--config", f"{self.directory}/gsmbridge.yaml", "--grace", "0s")
        self.service.wait_for("the page is open")
        self.service.wait_for("control interface open")

    @contextlib.contextmanager
    def log(self):
        """The service's database, to put a past into it."""
        log = sqlite3.connect(f"{self.directory}/state/calls.sqlite", timeout=PATIENCE / 1000)
        with log:
            yield log
        log.close()

    def remember_signals(self):
        """A week of a stick whose network was away for two hours, and of which three were not seen."""
        now = int(time.time() / 60)
        week = [minute for minute in range(now - 10_000, now) if not now - 700 < minute < now - 520]
        away = range(now - 400, now - 280)
        with self.log() as log:
            log.executemany(
                "INSERT OR REPLACE INTO signals (minute, modem, dbm, registered) VALUES (?, 'a', ?, ?)",
                [(minute, None if minute in away else -80 + round(9 * math.sin(minute / 130) + 5 * math.sin(minute / 7)), minute not in away)
                 for minute in week],
            )

    def command(self, *arguments):
        done = subprocess.run(
            [program, *arguments, "--config", f"{self.directory}/gsmbridge.yaml"], capture_output=True, text=True, timeout=PATIENCE / 1000
        )
        if done.returncode:
            raise AssertionError(f"{arguments}: {done.stderr}")
        return done.stdout.strip()

    def link(self, role="admin"):
        return self.command("web", "login", "--role", role)

    def calls(self):
        return json.loads(self.command("status", "--format", "json"))["calls"]

    def listeners(self):
        """How many read the event stream."""
        class Local(http.client.HTTPConnection):
            def connect(local):
                local.sock = socket.socket(socket.AF_UNIX)
                local.sock.connect(self.socket)

        connection = Local("gsmbridge")
        connection.request("GET", "/metrics")
        return int(re.search(r"^gsmbridge_event_listeners (\d+)", connection.getresponse().read().decode(), re.M)[1])

    def ring(self):
        self.simulator.process.stdin.write("call 030555123\n")
        self.simulator.process.stdin.flush()


def open_context(browser, **options):
    """A browser of its own; a login has its password worked through on a busy machine."""
    context = browser.new_context(**options)
    context.set_default_timeout(PATIENCE)
    return context


class Visit:
    """A browser of its own, let in by a link; what goes wrong on its console is an error."""

    def __init__(self, browser, box, role="admin", host=address, **options):
        self.context = open_context(browser, **{"locale": "en-GB", "viewport": {"width": 1180, "height": 820}, **options})
        self.page = self.context.new_page()
        self.troubles = []
        # What a check brings about on purpose.
        self.forgiven = None
        self.page.on("console", lambda message: self.troubles.append(message.text) if message.type == "error" else None)
        self.page.on("pageerror", lambda error: self.troubles.append(str(error)))
        self.context.add_init_script(sound.TAP)
        self.page.goto(box.link(role).replace(address, host))
        expect(self.page.locator("main[data-view=now]")).to_be_visible()
        expect(self.page.locator("#link[data-tone=good]")).to_be_visible()

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        self.context.close()
        if kind is None:
            troubles = [line for line in self.troubles if not self.forgiven or self.forgiven not in line]
            assert not troubles, f"console: {troubles}"

    def view(self, name):
        self.page.locator(f"nav a[href='/{'' if name == 'now' else name}']").click()
        expect(self.page.locator(f"main[data-view={name}]")).to_be_visible()
        expect(self.page.locator("main .loading")).to_have_count(0)

    def dial(self, number):
        self.page.fill("#dial-number", number)
        expect(self.page.locator("#dial-verdict[data-allowed=true]")).to_be_visible()
        known = self.page.locator("[data-call]").evaluate_all("cards => cards.map((card) => card.dataset.call)")
        self.page.click("#dial-call")
        fresh = self.page.locator("".join([f"[data-call]"] + [f":not([data-call='{call}'])" for call in known]))
        expect(fresh).to_have_count(1)
        return fresh.get_attribute("data-call")

    def speaks(self, call):
        """Both ways: the far side is loud in the page, and the microphone is loud at the modem."""
        expect(self.page.locator(f"[data-call='{call}'] [data-action=mute]")).to_be_visible()
        self.page.wait_for_function(
            "(call) => document.querySelector(`[data-call='${call}'] [data-level=ear]`)?.value > 0.02", arg=call, timeout=PATIENCE
        )

    def heard(self):
        """What was played here in the last talk so far, 8,000 samples a second."""
        return self.page.evaluate("window.samplesOf('ear')")

    def call(self, id, state):
        card = self.page.locator(f"[data-call='{id}'][data-state={state}]")
        expect(card).to_be_visible()
        return card


# The name of a stranger that leads to the box: DNS rebinding.
REBOUND = "evil.example.com"
# The box's own, as the configuration says it: no address of this machine, so that http there is not trustworthy to a browser.
NAMED = "cabin"
# What a microphone says again and again.
SAID = "4711#"


def launch(chromium, microphone=None):
    """A browser whose microphone is a file, or else its own, which beeps; nobody is asked about it."""
    arguments = ["--no-sandbox", "--disable-gpu", "--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream"]
    arguments.append(f"--host-resolver-rules=MAP {REBOUND} {address}, MAP {NAMED} {address}")
    if microphone:
        arguments.append(f"--use-file-for-fake-audio-capture={microphone}")
    return chromium.launch(executable_path="/usr/bin/chromium", args=arguments)


def wrong_host(browser, box):
    with open_context(browser) as context:
        answer = context.new_page().goto(f"http://{REBOUND}:8470/")
        assert answer.status == 421, answer.status
    connection = http.client.HTTPConnection(address, 8470, timeout=PATIENCE / 1000)
    connection.request("GET", "/", headers={"Host": REBOUND})
    assert connection.getresponse().status == 421


def link_twice(browser, box):
    link = box.link()
    with open_context(browser) as first, open_context(browser) as second:
        page = first.new_page()
        page.goto(link)
        expect(page.locator("main[data-view=now]")).to_be_visible()
        assert "#" not in page.url
        cookie = first.cookies()[0]
        assert cookie["httpOnly"] and cookie["sameSite"] == "Strict", cookie
        page = second.new_page()
        page.goto(link)
        expect(page.locator("#login-state")).to_contain_text("used already")
        assert second.cookies() == []
        page.goto(origin + "/calls")
        expect(page.locator("main[data-view=login]")).to_be_visible()


def password(browser, box):
    """A person's password lets them in, with scripts and without; a wrong one is said, and the field is ready for the next."""
    for has_scripts in [True, False]:
        with open_context(browser, java_script_enabled=has_scripts, locale="en-GB") as context:
            page = context.new_page()
            page.goto(origin + "/")
            expect(page).to_have_url(origin + "/login")
            page.fill("[name=user]", "anna")
            page.fill("[name=password]", "seven loud sticks")
            page.keyboard.press("Enter")
            expect(page.locator("#login-state")).to_have_text("Name or password is wrong.")
            page.fill("[name=user]", "anna")
            page.fill("[name=password]", "seven quiet sticks")
            # The answer takes as long as the password; the next line waits for it.
            page.click("#login-form button", no_wait_after=True)
            expect(page).to_have_url(origin + "/")
            expect(page.locator("[data-modem=a][data-state=ready]")).to_be_visible()
            if has_scripts:
                page.fill("#dial-number", "030123456")
                expect(page.locator("#dial-verdict[data-allowed=true]")).to_be_visible()
            ours = [one for one in map(json.loads, box.command("web", "sessions", "--format", "json").splitlines()) if one.get("user") == "anna"]
            assert len(ours) == 1 and ours[0]["role"] == "call", ours
            box.command("web", "end", ours[0]["session"])
            page.goto(origin + "/calls")
            expect(page).to_have_url(origin + "/login")


def cross_origin(browser, box):
    class Stranger(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(b"<!doctype html><title>stranger</title><link rel=icon href='data:,'>")

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer((address, 0), Stranger)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with Visit(browser, box) as visit:
        call = visit.dial("030 123456")
        visit.call(call, "in_progress")
        # From the same host, whose cookie is ours, and from another; a hang-up needs no body that a browser would ask about.
        for host in [address, REBOUND]:
            page = visit.context.new_page()
            page.goto(f"http://{host}:{server.server_port}/")
            for mode in ["no-cors", "cors"]:
                with page.expect_request(lambda request: request.method == "POST") as sent:
                    page.evaluate(
                        """([url, mode]) => fetch(url, { method: "POST", mode, credentials: "include" }).catch(() => {})""",
                        [f"{origin}/v1/calls/{call}/hangup", mode],
                    )
                answer = sent.value.response()
                assert answer is None or answer.status in (401, 403), answer.status
        # What it can read it can't be made to say either.
        key = visit.page.evaluate("localStorage.getItem('gsmbridge-key')")
        assert key and visit.context.cookies()[0]["value"] != key
        card = visit.call(call, "in_progress")
        card.locator("[data-action=hangup]").click()
        visit.call(call, "ended")
    server.shutdown()


def dial_and_hang_up(browser, box):
    with Visit(browser, box) as visit:
        call = visit.dial("030 123456")
        card = visit.call(call, "in_progress")
        steps = card.locator(".chain li")
        expect(steps.filter(has_text="digits")).to_contain_text("10/10")
        expect(card.locator("[data-progress=done]")).to_have_count(6)
        visit.page.screenshot(path=f"{pictures}/call.png")
        card.locator("[data-action=hangup]").click()
        visit.call(call, "ended")
        assert box.calls() == []
        visit.view("calls")
        row = visit.page.locator(f"[data-log='{call}']")
        expect(row).to_contain_text("+49 30 123456".replace(" ", ""))
        row.locator("summary").click()
        expect(row.locator(".legs li").first).to_be_visible()


def refused(browser, box):
    with Visit(browser, box) as visit:
        for number, words in [("0900 123456", "premium"), ("112", "Take a telephone"), ("12", None)]:
            visit.page.fill("#dial-number", number)
            verdict = visit.page.locator("#dial-verdict[data-allowed=false]")
            expect(verdict).to_be_visible()
            if words:
                expect(verdict).to_contain_text(words)
            visit.page.click("#dial-call")
            # Until what the press began is over: then it would have been dialled.
            expect(visit.page.locator("#dial-call[aria-busy]")).to_have_count(0)
            assert box.calls() == []
            visit.page.fill("#dial-number", "")
            expect(visit.page.locator("#dial-verdict[data-allowed=unknown]")).to_be_visible()
        expect(visit.page.locator("[data-call]")).to_have_count(0)
        assert box.calls() == []


def typing(browser, box):
    """Key by key: what is no number yet is asked of nobody, and nothing of it is an error to the browser."""
    with Visit(browser, box) as visit:
        page = visit.page
        answers = []
        page.on("response", lambda answer: answers.append(answer.status) if answer.url.endswith("/v1/routes") else None)
        for text in ["030123456", "abc", "*100#", "+1 800 555 1234", "12"]:
            page.fill("#dial-number", "")
            expect(page.locator("#dial-verdict[data-allowed=unknown]")).to_be_visible()
            page.locator("#dial-number").press_sequentially(text, delay=150)
            if text == "030123456":
                expect(page.locator("#dial-verdict[data-allowed=true]")).to_contain_text("+4930123456")
            if text == "12":
                expect(page.locator("#dial-verdict[data-allowed=false]")).to_be_visible()
        assert set(answers) == {200}, answers


def german_verdicts(browser, box):
    with Visit(browser, box, locale="de-DE") as visit:
        for number, words in [("0900 123456", "werden nicht angerufen"), ("030 123456", "dürfen angerufen werden"), ("12", "Abgelehnt")]:
            visit.page.fill("#dial-number", number)
            verdict = visit.page.locator("#dial-verdict")
            expect(verdict).to_contain_text(words)
            # What the box says itself is English, and marked so for those who have it read to them.
            assert not re.search(r"\b(this|policy|the)\b", verdict.locator("p:not([lang]), dd").all_inner_texts().__str__()), verdict.inner_text()


def names(browser, box):
    with open(f"{box.directory}/book.vcf", "w") as file:
        for name, numbers in [("Anna Beispiel", {"CELL": "+4930123456", "HOME": "+49302222222"}), ("Bert Muster", {"CELL": "+49304444444"})]:
            file.write(f"BEGIN:VCARD\nVERSION:3.0\nFN:{name}\n")
            file.writelines(f"TEL;TYPE={kind}:{number}\n" for kind, number in numbers.items())
            file.write("END:VCARD\n")
    box.command("contacts", "import", f"{box.directory}/book.vcf")
    with Visit(browser, box) as visit:
        page = visit.page
        expect(page.locator("#dial-names option")).to_have_count(3)
        page.locator("#dial-number").press_sequentially("anna", delay=150)
        page.locator("[data-person='Anna Beispiel (mobile)']").click()
        expect(page.locator("#dial-verdict[data-allowed=true]")).to_contain_text("+4930123456")
        page.fill("#dial-number", "muster")
        expect(page.locator("#dial-verdict[data-allowed=true]")).to_contain_text("+49304444444")
        page.fill("#dial-number", "Nobody")
        expect(page.locator("#dial-verdict")).to_contain_text("Nobody is called Nobody")
        # The interface reads names as `dial --dry-run` does.
        route = page.evaluate("""async () => (await fetch("/v1/routes", { method: "POST", body: JSON.stringify({ number: "bert" }),
            headers: { "Content-Type": "application/json", "X-Gsmbridge": localStorage.getItem("gsmbridge-key") } })).json()""")
        assert route["allowed"] and route["target"] == "+49304444444", route
        # The calls with a person are found by the name, of several numbers by the one that is chosen.
        call = visit.dial("+49304444444")
        visit.call(call, "in_progress")
        page.locator(f"[data-call='{call}'] [data-action=hangup]").click()
        visit.call(call, "ended")
        visit.view("calls")
        page.fill("#calls-number", "muster")
        expect(page.locator(f"[data-log='{call}']")).to_be_visible()
        expect(page.locator("[data-log]")).to_have_count(1)
        page.fill("#calls-number", "anna")
        page.locator("[data-person='Anna Beispiel (mobile)']").click()
        expect(page.locator(f"[data-log='{call}']")).to_have_count(0)
        page.fill("#calls-number", "Nobody")
        expect(page.locator(".people-choice")).to_contain_text("Nobody is called Nobody")
    box.command("contacts", "remove", "--all")


def busy(browser, box):
    """A stick that recovers from a call is shown as free once it is."""
    with Visit(browser, box) as visit:
        page = visit.page
        expect(page.locator("#sentence")).to_contain_text("2 of 2")
        page.locator("#dial summary").click()
        expect(page.locator("#dial-modem option")).to_have_count(3)
        page.select_option("#dial-via", "direct")
        page.select_option("#dial-modem", "b")
        page.fill("#dial-number", "+493023125001")
        expect(page.locator("#dial-verdict[data-allowed=true]")).to_be_visible()
        page.click("#dial-call")
        expect(page.locator("[data-call][data-state=ended]")).to_contain_text("busy")
        expect(page.locator("[data-modem=b][data-state=ready]")).to_be_visible()
        expect(page.locator("#sentence")).to_contain_text("2 of 2")


def many_tabs(browser, box):
    """Tabs of a browser share one stream: a browser opens six connections to a host, and hanging up needs one."""
    for has_locks in [True, False]:
        with Visit(browser, box) as visit:
            if not has_locks:
                # As where the page is not on https.
                visit.context.add_init_script("Object.defineProperty(Navigator.prototype, 'locks', { get: () => undefined })")
                visit.page.reload()
                assert visit.page.evaluate("navigator.locks === undefined")
                # Its stream counts among those that are there before.
                expect(visit.page.locator("#link[data-tone=good]")).to_be_visible()
            pages, before = [visit.page], box.listeners()
            for _ in range(11):
                page = visit.context.new_page()
                page.goto(origin + "/")
                pages.append(page)
            for page in pages:
                expect(page.locator("#link[data-tone=good]")).to_be_visible()
            # Two may hold one where a busy machine renews a lease late, until the next turn.
            end = time.monotonic() + PATIENCE / 1000
            while (now := box.listeners()) > before:
                assert time.monotonic() < end, f"{now} listen, and {before} did with one tab"
            call = visit.dial("030 123456")
            for page in [pages[0], pages[5], pages[-1]]:
                expect(page.locator(f"[data-call='{call}'][data-state=in_progress]")).to_be_visible()
            pages[-1].locator(f"[data-call='{call}'] [data-action=hangup]").click()
            for page in pages:
                expect(page.locator(f"[data-call='{call}'][data-state=ended]")).to_be_visible()
            # The one that held the stream goes: another has it.
            pages[0].close()
            with pages[-1].expect_event("request", lambda request: "/v1/calls" in request.url):
                pages[-1].fill("#dial-number", "030 1234567")
                expect(pages[-1].locator("#dial-verdict[data-allowed=true]")).to_be_visible()
                pages[-1].click("#dial-call")
            card = pages[-1].locator("[data-call][data-state=in_progress]")
            expect(card).to_be_visible()
            call = card.get_attribute("data-call")
            card.locator("[data-action=hangup]").click()
            for page in pages[1:]:
                expect(page.locator(f"[data-call='{call}'][data-state=ended]")).to_be_visible()


def silent_leader(browser, box):
    """A tab whose scripts stand still, and holds the stream, loses it to one that is looked at, and comes back as another."""
    with Visit(browser, box) as visit:
        first = visit.page
        expect(first.locator("#link[data-tone=good]")).to_be_visible()
        session = visit.context.new_cdp_session(first)
        session.send("Debugger.enable")
        session.send("Debugger.pause")
        second = visit.context.new_page()
        second.goto(origin + "/")
        expect(second.locator("#link[data-tone=good]")).to_be_visible()
        session.send("Debugger.disable")
        first.bring_to_front()
        expect(first.locator("#link[data-tone=good]")).to_be_visible()
        box.ring()
        for page in [first, second]:
            expect(page.locator("[data-call][data-state=ringing]")).to_be_visible()
        first.locator("[data-call][data-state=ringing] [data-action=hangup]").click()
        expect(second.locator("[data-call][data-state=ringing]")).to_have_count(0)


def hidden(browser, box):
    """A browser of which no tab is looked at lets go of the stream after a minute; one that may announce calls keeps it, and does."""
    for may in ["denied", "granted"]:
        with Visit(browser, box) as visit:
            page = visit.page
            visit.context.add_init_script(f"""(() => {{
                Object.defineProperty(Document.prototype, "hidden", {{ get: () => Boolean(window.isHidden) }});
                window.announced = [];
                window.Notification = class {{ static permission = "{may}"; constructor(title) {{ window.announced.push(title); }} }};
            }})()""")
            page.clock.install()
            page.reload()
            expect(page.locator("#link[data-tone=good]")).to_be_visible()
            before = box.listeners()
            look = "(isHidden) => { window.isHidden = isHidden; document.dispatchEvent(new Event('visibilitychange')); }"
            page.evaluate(look, True)
            page.clock.fast_forward(61_000)
            if may == "denied":
                wait_for_listeners(box, before - 1)
            else:
                box.ring()
                page.wait_for_function("() => window.announced.some((title) => title.includes('rings'))", timeout=PATIENCE)
                assert box.listeners() == before
                for call in box.calls():
                    box.command("hangup", call["call"])
            page.evaluate(look, False)
            expect(page.locator("#link[data-tone=good]")).to_be_visible()
            wait_for_listeners(box, before)


def wait_for_listeners(box, count):
    end = time.monotonic() + PATIENCE / 1000
    while (now := box.listeners()) != count:
        assert time.monotonic() < end, f"{now} listen, and not {count}"


def twice(browser, box):
    """What was not shown when it was pressed is not dialled by one press."""
    with Visit(browser, box) as visit:
        page = visit.page

        def dearer(route):
            answer = route.fetch()
            verdict = answer.json()
            verdict["max_cost"], verdict["currency"] = "12.00", "EUR"
            route.fulfill(response=answer, json=verdict)

        page.fill("#dial-number", "030 123456")
        expect(page.locator("#dial-verdict[data-allowed=true]")).to_be_visible()
        page.route("**/v1/routes", dearer)
        page.click("#dial-call")
        expect(page.locator("[data-doubt=changed]")).to_be_visible()
        expect(page.locator("#dial-call[aria-busy]")).to_have_count(0)
        assert box.calls() == []
        # Another number: what was agreed to is not.
        page.fill("#dial-number", "030 1234567")
        expect(page.locator("#dial-verdict")).to_contain_text("+49301234567")
        expect(page.locator("[data-doubt]")).to_have_count(0)
        page.unroute("**/v1/routes")
        page.fill("#dial-number", "030 123456")
        expect(page.locator("#dial-verdict")).not_to_contain_text("12.00")
        page.route("**/v1/routes", dearer)
        page.click("#dial-call")
        expect(page.locator("[data-doubt=changed]")).to_be_visible()
        page.click("#dial-call")
        card = page.locator("[data-call][data-state=in_progress]")
        expect(card).to_be_visible()
        call = card.get_attribute("data-call")
        card.locator("[data-action=hangup]").click()
        visit.call(call, "ended")


def from_another_site(browser, box):
    """A link to the page from a mail or another site brings no cookie, and leads in all the same; without a key it asks for a link."""
    with Visit(browser, box) as visit:
        page = visit.context.new_page()
        page.goto(origin + "/login")
        expect(page.locator("main[data-view=now]")).to_be_visible()
        page.evaluate("localStorage.clear()")
        page.goto(origin + "/login")
        expect(page.locator("main[data-view=login]")).to_be_visible()


def ring_and_answer(browser, box):
    with Visit(browser, box) as visit, Visit(browser, box, role="see") as watcher:
        box.ring()
        card = visit.page.locator("[data-call][data-state=ringing]")
        expect(card).to_be_visible()
        expect(visit.page).to_have_title(re.compile("rings"))
        call = card.get_attribute("data-call")
        visit.page.screenshot(path=f"{pictures}/ring.png")
        expect(watcher.page.locator(f"[data-call='{call}']")).to_be_visible()
        assert watcher.page.locator("button[data-action]").count() == 0
        card.locator("[data-action=answer]").click()
        visit.call(call, "in_progress")
        watcher.call(call, "in_progress")
        visit.page.locator(f"[data-call='{call}'] [data-action=hangup]").click()
        visit.call(call, "ended")
        watcher.call(call, "ended")


def wait_for_level(box, side, is_loud):
    """Asks the service how loud a call is, until it is as wanted; the far side of a call speaks and listens all the time."""
    end = time.monotonic() + PATIENCE / 1000
    while time.monotonic() < end:
        calls = [call for call in box.calls() if call.get("audio")]
        if any((call["audio"][side] > -50) == is_loud for call in calls):
            return
    raise AssertionError(f"{side} never was {'loud' if is_loud else 'quiet'}: {box.calls()}")


def talk(browser, box):
    # A PBX would take its digits for a number: it speaks in this call alone.
    sound.write(f"{box.directory}/said.wav", sound.digits(SAID))
    with launch(browser.browser_type, f"{box.directory}/said.wav") as speaker, Visit(speaker, box) as visit:
        page = visit.page
        page.locator("#dial summary").click()
        page.select_option("#dial-via", "direct")
        page.select_option("#dial-modem", "a")
        expect(page.locator("#dial-talk")).to_be_checked()
        call = visit.dial("030 123456")
        card = visit.call(call, "in_progress")
        visit.speaks(call)
        # The far side understands the digits that the microphone says, and the page plays the far side's tone.
        box.simulator.wait_for(rf"\+4930123456 hears .*so far .*{SAID}")
        page.wait_for_function("() => window.samplesOf('ear').length > 3 * 8000", timeout=PATIENCE)
        pure = sound.share(visit.heard(), 440)
        assert pure > 0.8, f"{pure:.2f} of what is loud is the far side's tone"
        wait_for_level(box, "level_out_dbfs", True)
        page.screenshot(path=f"{pictures}/talk.png")
        card.locator("[data-action=mute]").click()
        expect(card.locator("[data-action=mute][aria-pressed=true]")).to_be_visible()
        wait_for_level(box, "level_out_dbfs", False)
        card.locator("[data-action=mute]").click()
        wait_for_level(box, "level_out_dbfs", True)
        card.locator("[data-action=hangup]").click()
        visit.call(call, "ended")


def talk_over_an_account(browser, box):
    """A call over an account has sound, whatever the sticks have, and is made on none of them."""
    with Visit(browser, box) as visit:
        asked = []

        def internet(route):
            answer = route.fetch()
            route.fulfill(response=answer, json={**answer.json(), "method": "internet"})

        def refuse(route):
            asked.append(route.request.post_data_json)
            route.fulfill(status=503, content_type="application/problem+json", json={"status": 503, "title": "busy", "detail": "all lines are busy"})

        visit.forgiven = "503"
        visit.context.route("**/v1/routes", internet)
        visit.context.route("**/v1/calls", refuse)
        visit.page.fill("#dial-number", "030 123456")
        expect(visit.page.locator("#dial-verdict[data-allowed=true]")).to_be_visible()
        expect(visit.page.locator("#dial-talk")).to_be_enabled()
        visit.page.click("#dial-call")
        expect(visit.page.locator("#dial-verdict")).to_contain_text("all lines are busy")
        assert asked[0]["audio"] == "browser" and "modem" not in asked[0], asked


def take_and_talk(browser, box):
    with Visit(browser, box) as visit:
        box.ring()
        card = visit.page.locator("[data-call][data-state=ringing]")
        expect(card).to_be_visible()
        call = card.get_attribute("data-call")
        card.locator("[data-action=answer]").click()
        visit.call(call, "in_progress")
        wait_for_level(box, "level_out_dbfs", True)
        visit.page.locator(f"[data-call='{call}'] [data-action=hangup]").click()
        visit.call(call, "ended")


def nobody_comes(browser, box):
    """A call that is answered and in which the one who asked to speak does not: it ends, and is no success."""
    with Visit(browser, box) as visit:
        page = visit.page
        call = page.evaluate("""async () => (await (await fetch("/v1/calls", { method: "POST",
            body: JSON.stringify({ number: "030123456", via: "direct", modem: "a", audio: "browser" }),
            headers: { "Content-Type": "application/json", "X-Gsmbridge": localStorage.getItem("gsmbridge-key") } })).json()).call""")
        visit.call(call, "in_progress")
        visit.call(call, "ended")
        record = json.loads(box.command("calls", "show", call, "--format", "json"))
        assert record["outcome"] == "lost" and "nobody came" in record["detail"], record


def who_took_it(browser, box):
    with Visit(browser, box) as taker, Visit(browser, box, locale="de-DE") as other:
        box.ring()
        card = taker.page.locator("[data-call][data-state=ringing]")
        expect(card).to_be_visible()
        call = card.get_attribute("data-call")
        expect(other.page.locator(f"[data-call='{call}'] [data-action=answer]")).to_be_visible()
        card.locator("[data-action=answer]").click()
        expect(other.call(call, "in_progress")).to_contain_text("angenommen an Chrome")
        expect(other.page.locator(f"[data-call='{call}'] [data-action=answer]")).to_have_count(0)
        taker.page.locator(f"[data-call='{call}'] [data-action=hangup]").click()
        taker.call(call, "ended")
        other.call(call, "ended")


def history(browser, box):
    """Filters and the file go over all calls, not over those that are shown."""
    box.ring()
    with Visit(browser, box) as visit:
        page = visit.page
        card = page.locator("[data-call][data-state=ringing]")
        expect(card).to_be_visible()
        missed = card.get_attribute("data-call")
        card.locator("[data-action=hangup]").click()
        visit.call(missed, "ended")
        # More than a page of others on top of it: refused ones cost nothing.
        page.evaluate("""async () => { for (let count = 0; count < 60; count += 1) await fetch("/v1/calls", { method: "POST",
            body: JSON.stringify({ number: "0900 123456" }),
            headers: { "Content-Type": "application/json", "X-Gsmbridge": localStorage.getItem("gsmbridge-key") } }); }""")
        visit.view("calls")
        expect(page.locator("[data-log]")).to_have_count(50)
        expect(page.locator(f"[data-log='{missed}']")).to_have_count(0)
        for name in ["in", "missed"]:
            page.click(f"[data-filter={name}]")
            expect(page.locator(f"[data-log='{missed}']")).to_be_visible()
            expect(page.locator("[data-log]", has=page.locator(".icon-out"))).to_have_count(0)
        page.click("[data-filter=out]")
        expect(page.locator("[data-log]")).to_have_count(50)
        page.click("[data-filter=all]")
        with page.expect_download() as saved:
            page.click("#calls-file")
        with open(saved.value.path(), newline="") as file:
            mine = file.read()
        assert mine.rstrip() == box.command("calls", "export", "--csv").replace("\n", "\r\n").rstrip(), mine[:600]


def manifest(browser, box):
    with Visit(browser, box) as visit:
        session = visit.context.new_cdp_session(visit.page)
        told = session.send("Page.getAppManifest")
        assert told["url"].endswith("/page.webmanifest") and not told["errors"], told
        for icon in json.loads(told["data"])["icons"]:
            assert visit.page.request.get(origin + icon["src"]).ok, icon
        visit.page.goto(origin + "/nothing")
        expect(visit.page.locator("main")).to_contain_text("There is nothing at this address")
        visit.forgiven = "status of 404"


def keyboard(browser, box):
    with Visit(browser, box) as visit:
        page = visit.page
        page.keyboard.press("Tab")
        expect(page.locator(".skip")).to_be_focused()
        page.locator("#dial-number").focus()
        page.keyboard.type("030123456")
        expect(page.locator("#dial-verdict[data-allowed=true]")).to_be_visible()
        page.keyboard.press("Enter")
        card = page.locator("[data-call][data-state=in_progress]")
        expect(card).to_be_visible()
        call = card.get_attribute("data-call")
        for _ in range(60):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement.dataset.action") == "hangup":
                break
        page.keyboard.press("Enter")
        visit.call(call, "ended")
        # The focus stays at the call, and goes on to the number when the call is put away.
        expect(page.locator(f"[data-key='away-{call}']")).to_be_focused()
        page.keyboard.press("Enter")
        expect(page.locator(f"[data-call='{call}']")).to_have_count(0)
        expect(page.locator("#dial-number")).to_be_focused()
        # Who answers is at the call, and not at the button that ends it.
        box.ring()
        card = page.locator("[data-call][data-state=ringing]")
        call = card.get_attribute("data-call")
        card.locator("[data-action=answer]").focus()
        page.keyboard.press("Enter")
        visit.call(call, "in_progress")
        expect(page.locator(f"[data-call='{call}'] h3")).to_be_focused()
        box.command("hangup", call)
        visit.call(call, "ended")


def unencrypted(browser, box):
    """By http at a name: everything but the microphone works, the page says why that is off, and the browser complains of nothing."""
    with Visit(browser, box, host=NAMED) as visit:
        assert not visit.page.evaluate("isSecureContext")
        expect(visit.page.locator("#dial-talk")).to_be_disabled()
        expect(visit.page.locator(".voice [role=status]")).to_contain_text("https")
        call = visit.dial("030 123456")
        visit.call(call, "in_progress").locator("[data-action=hangup]").click()
        visit.call(call, "ended")


@contextlib.contextmanager
def encryption(box):
    """The service with a certificate of its own authority, for a while."""
    box.command("web", "cert", "--directory", f"{box.directory}/tls", "--name", NAMED)
    box.service.end()
    box.configure(f"  tls: {{ certificate: {box.directory}/tls/box.pem, key: {{ file: {box.directory}/tls/box.key }} }}\n")
    box.start()
    try:
        yield
    finally:
        box.service.end()
        box.configure()
        box.start()


def encrypted(browser, box):
    """By https at a name the microphone is there, and the cookie is bound to the host; the browser is not shown our authority here."""
    with encryption(box), Visit(browser, box, host=NAMED, ignore_https_errors=True) as visit:
        assert visit.page.url == f"https://{NAMED}:8470/" and visit.page.evaluate("isSecureContext")
        assert [cookie["name"] for cookie in visit.context.cookies()] == ["__Host-gsmbridge_session"]
        visit.page.locator("#dial summary").click()
        visit.page.select_option("#dial-via", "direct")
        visit.page.select_option("#dial-modem", "a")
        expect(visit.page.locator("[data-modem=a][data-state=ready]")).to_be_visible()
        call = visit.dial("030 123456")
        card = visit.call(call, "in_progress")
        visit.speaks(call)
        card.locator("[data-action=hangup]").click()
        visit.call(call, "ended")


def idle(browser, box):
    """A tab at which nothing happens is sent the stream's comment, and asks for nothing."""
    with Visit(browser, box) as visit:
        expect(visit.page.locator("[data-modem=a][data-state=ready]")).to_be_visible()
        expect(visit.page.locator("[data-modem=b][data-state=ready]")).to_be_visible()
        session = visit.context.new_cdp_session(visit.page)
        session.send("Network.enable")
        asked, sent = [], []
        session.on("Network.requestWillBeSent", lambda event: asked.append(event["request"]["url"]))
        session.on("Network.dataReceived", lambda event: sent.append(event["dataLength"]))
        end = time.monotonic() + PATIENCE / 1000
        # The comment is a colon and two line ends.
        while len(sent) < 2:
            assert time.monotonic() < end, "no sign of life"
            visit.page.wait_for_timeout(100)
        assert asked == [] and set(sent) == {3}, (asked, sent)


def revoke(browser, box):
    """Who is in is listed, and can be put out: at once, wherever they are."""
    with Visit(browser, box) as visit, Visit(browser, box, role="see") as other:
        visit.view("settings")
        sessions = [json.loads(line) for line in box.command("web", "sessions", "--format", "json").splitlines()]
        latest = max((one for one in sessions if one["role"] == "see"), key=lambda one: one["seen_at"])
        visit.page.click(f"[data-key='{latest['session']}']")
        expect(visit.page.locator(f"[data-key='{latest['session']}']")).to_have_count(0)
        # The end of its stream tells it.
        other.forgiven = "401"
        expect(other.page.locator("main[data-view=login]")).to_be_visible()


def orders(browser, box):
    """What takes a stick away is asked about first."""
    with Visit(browser, box) as visit:
        page, sent = visit.page, []
        page.on("request", lambda request: sent.append(request.post_data_json) if request.url.endswith("/order") else None)
        visit.view("stick")
        stick = page.locator("[data-modem=b]")
        for word, answer in [("Restart", "no"), ("Take out", "yes"), ("Take back", "yes")]:
            stick.get_by_role("button", name=word).click()
            expect(page.locator("dialog")).to_contain_text("b")
            page.locator(f"dialog button[value={answer}]").click()
            expect(page.locator("dialog")).to_have_count(0)
            if word == "Take out":
                expect(page.locator("[data-modem=b][data-state=failed]")).to_be_visible()
        expect(page.locator("[data-modem=b][data-state=ready]")).to_be_visible()
        assert sent == [{"order": "off"}, {"order": "on"}], sent


def restart(browser, box):
    with Visit(browser, box) as visit:
        call = visit.dial("030 123456")
        visit.call(call, "in_progress")
        box.service.end(signal.SIGTERM)
        expect(visit.page.locator("#link[data-tone=bad]")).to_be_visible()
        box.start()
        expect(visit.page.locator("#link[data-tone=good]")).to_be_visible()
        visit.call(call, "ended")
        expect(visit.page.locator("[data-modem=a][data-state=ready]")).to_be_visible()
        # The session outlived the service; that the service was away stands on the console.
        visit.forgiven = "net::ERR_"
        visit.view("calls")


def without_scripts(browser, box):
    with Visit(browser, box) as visit:
        cookies = visit.context.cookies()
    with open_context(browser, java_script_enabled=False) as context:
        context.add_cookies(cookies)
        page = context.new_page()
        page.goto(origin + "/")
        expect(page.locator("[data-modem=a][data-state=ready]")).to_be_visible()
        page.goto(origin + "/calls")
        expect(page.locator("#log table")).to_be_visible()


def health(browser, box):
    """What the doctor finds, the log's end, the file for those who help, the test of a PBX."""
    with Visit(browser, box) as visit:
        page = visit.page
        visit.view("health")
        expect(page.locator(".log-tail")).to_contain_text("the page is open")
        page.click("#examine")
        expect(page.locator(".finding").first).to_be_visible()
        expect(page.locator("#examine:not([disabled])")).to_be_visible()
        with page.expect_download() as saved:
            page.click("#support")
        with open(saved.value.path()) as file:
            bundle = json.load(file)
        assert {"status", "limits", "settings", "findings", "log"} <= set(bundle), bundle.keys()
        assert not re.search(r"\d{7}", re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "", json.dumps(bundle["log"]))), "a number in the log"
        page.screenshot(path=f"{pictures}/examined.png", full_page=True)
        visit.view("pbx")
        page.click("[data-test=office]")
        expect(page.locator(".finding")).to_be_visible()
        visit.view("settings")
        page.click("#settings-check")
        expect(page.locator(".finding[data-severity=ok]")).to_contain_text("gsmbridge.yaml")


def limits_and_signal(browser, box):
    with Visit(browser, box) as visit:
        page = visit.page

        def flat(route):
            answer = route.fetch()
            free = {"key": "tariffs.basic.free_minutes.flat", "modem": "a", "unit": "seconds", "used": 7200, "allowed": 12000, "words": "", "opens": ""}
            route.fulfill(response=answer, json=answer.json() + [free])

        page.route("**/v1/limits", flat)
        box.remember_signals()
        visit.view("money")
        free = page.locator("[data-limit='tariffs.basic.free_minutes.flat']")
        expect(free).to_contain_text("free minutes")
        expect(free).to_contain_text("80 mins of 200 mins left")
        limit = page.locator("[data-limit='policy.max_calls_per_hour']")
        expect(limit.locator("meter")).to_be_visible()
        expect(limit).to_contain_text("1,000")
        # A card that wants its PIN; the simulator's are open.
        def locked(route):
            answer = route.fetch()
            modems = answer.json()
            modems[0].update(sim="pin", pin_tries=2)
            route.fulfill(response=answer, json=modems)

        page.route("**/v1/modems", locked)
        visit.view("stick")
        expect(page.locator("[data-modem=a] dl div", has_text="PIN tries left")).to_contain_text("2")
        expect(page.locator("[data-modem=b] dl div", has_text="PIN tries left")).to_have_count(0)
        expect(page.locator("[data-modem=a] [data-limit='modems.a.limits.max_minutes_per_day'] meter")).to_be_visible()
        chart = page.locator("[data-modem=a] .chart")
        # The line stops where nothing is known: before and behind what was not seen, and what was not in the network.
        expect(chart.locator(".curve")).to_have_count(3)
        expect(chart.locator(".net.out").first).to_be_attached()
        page.locator("[data-modem=a] [data-hours='168']").click()
        expect(page.locator("[data-modem=a] [data-hours='168'][aria-pressed=true]")).to_be_visible()
        expect(chart.locator(".curve")).to_have_count(3)


def messages(browser, box):
    with Visit(browser, box, role="call") as visit:
        page = visit.page
        visit.view("messages")
        page.fill("#message-number", "0170 1234567")
        page.fill("#message-text", "On my way")
        page.locator("form", has=page.locator("#message-text")).locator("button").click()
        message = page.locator("[data-message]", has_text="On my way")
        expect(message).to_be_visible()
        expect(message).to_have_attribute("data-state", re.compile("sent|delivered"))
        expect(page.locator("#ussd-modem option").first).to_be_attached()
        page.fill("#ussd-code", "*100#")
        page.locator("form", has=page.locator("#ussd-code")).locator("button.go").click()
        expect(page.locator("#ussd-said p:not(.quiet)")).to_be_visible()
        page.screenshot(path=f"{pictures}/thread.png", full_page=True)
    with Visit(browser, box, role="see") as visit:
        expect(visit.page.locator("nav a")).to_have_count(len(VIEWS) - 1)
        visit.page.goto(origin + "/messages")
        expect(visit.page.locator("main .empty")).to_contain_text("not at messages")
        assert visit.page.locator("form").count() == 0


VIEWS = ["now", "calls", "messages", "stick", "pbx", "money", "health", "settings"]


def every_view(browser, box):
    """Views in two languages, two themes and three widths: nothing for axe to complain about, no sideways scrolling.

    200 % of a desk's screen is as wide as one of these; read from right to left they fit as well.
    """
    for language in ["en-GB", "de-DE"]:
        with Visit(browser, box, locale=language) as visit:
            page = visit.page
            for modem in ["a", "b"]:
                expect(page.locator(f"[data-modem={modem}][data-state=ready]")).to_be_visible()
            for name in VIEWS:
                visit.view(name)
                for theme, width in [(theme, width) for theme in ["light", "dark"] for width in [1180, 390, 320]]:
                    page.emulate_media(color_scheme=theme)
                    page.set_viewport_size({"width": width, "height": 820})
                    page.screenshot(path=f"{pictures}/{name}-{language[:2]}-{theme}-{width}.png", full_page=True)
                    for direction in ["rtl", "ltr"]:
                        page.evaluate("(direction) => { document.documentElement.dir = direction; }", direction)
                        wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
                        assert wide <= 0, f"{name} is {wide} px wider than {width}, {direction}"
                    report = Axe().run(page)
                    assert report.violations_count == 0, f"{name} {language} {theme} {width}: {report.generate_report()}"


LONG = 10_000


def long_history(browser, box):
    """A log of many calls is there at once, filtered as a whole, goes on page by page, and goes out as a file."""
    box.service.end()
    # A day old and more, so that no limit counts them; not a week, behind which numbers are masked.
    newest = int(time.time() * 1000) - 86_400_000
    rows = []
    for number in range(LONG):
        at, is_in = newest - number * 40_000, number % 3 == 0
        is_missed, talked = number % 9 == 0, number % 1000 * 1000
        rows.append((
            number.to_bytes(16, "big"), "direct", "incoming" if is_in else "outgoing", f"+4930{5_000_000 + number}", "a", at,
            None if is_missed else at + 4000, at + 4000 + talked, None if is_missed else talked,
            "no_answer" if is_missed else "completed", "none" if is_in else "sim",
        ))
    with box.log() as log:
        log.executemany(
            "INSERT INTO calls (call, method, direction, target, modem, requested_at, connected_at, ended_at, talk_ms, outcome, payer)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)
    box.start()
    with Visit(browser, box) as visit:
        page = visit.page
        visit.view("calls")
        expect(page.locator("[data-log]")).to_have_count(50)
        begun = time.monotonic()
        page.click("[data-filter=missed]")
        page.fill("#calls-number", f"+4930{5_000_000 + LONG - 1}")
        # The oldest of all: ten thousand calls back.
        expect(page.locator("[data-log]")).to_have_count(1)
        expect(page.locator("[data-log]")).to_contain_text("+49305009999")
        assert time.monotonic() - begun < 5, "the filters take too long"
        page.fill("#calls-number", "")
        page.click("[data-filter=all]")
        expect(page.locator("[data-log]")).to_have_count(50)
        for loaded in range(100, 1001, 50):
            page.get_by_role("button", name="Older calls").click()
            expect(page.locator("[data-log]")).to_have_count(loaded)
        # What is open stays open, and where it is, when a call comes on top.
        last = page.locator("[data-log]").last
        last.locator("summary").click()
        expect(last.locator(".more p")).to_have_count(1)
        before = page.locator("[data-log]").count()
        box.ring()
        end = time.monotonic() + PATIENCE / 1000
        while not (call := box.calls()):
            assert time.monotonic() < end, "nothing rings"
        box.command("hangup", call[0]["call"])
        expect(page.locator("[data-log]")).to_have_count(before + 1)
        expect(page.locator("[data-log]").first).to_have_attribute("data-log", call[0]["call"])
        assert last.evaluate("entry => entry.open")
        page.evaluate("scrollTo(0, 0)")
        page.screenshot(path=f"{pictures}/history.png")
        with page.expect_download() as saved:
            page.click("#calls-file")
        with open(saved.value.path(), newline="") as file:
            mine = file.read()
        assert mine.rstrip() == box.command("calls", "export", "--csv").replace("\n", "\r\n").rstrip()
        assert mine.count("\r\n") > LONG


CHECKS = [
    wrong_host, link_twice, password, cross_origin, from_another_site, refused, typing, german_verdicts, names, busy, many_tabs, silent_leader, hidden, twice, dial_and_hang_up, ring_and_answer, talk, talk_over_an_account, take_and_talk, nobody_comes, who_took_it, history, manifest, keyboard, unencrypted, encrypted, idle, revoke, orders, health, limits_and_signal, messages, restart, without_scripts, every_view, long_history,
]


def main():
    wanted = sys.argv[3:]
    failed = 0
    with tempfile.TemporaryDirectory(prefix="page-") as directory, sync_playwright() as playwright:
        browser = launch(playwright.chromium)
        box = Box(directory)
        ready = Visit(browser, box)
        for modem in ["a", "b"]:
            expect(ready.page.locator(f"[data-modem={modem}][data-state=ready]")).to_be_visible()
        ready.context.close()
        for check in CHECKS:
            if wanted and check.__name__ not in wanted:
                continue
            start = time.monotonic()
            try:
                check(browser, box)
                print(f"ok {check.__name__} ({time.monotonic() - start:.0f} s)", flush=True)
            except Exception as error:  # whatever it was, the next check still runs
                failed += 1
                print(f"failed {check.__name__}: {' '.join(str(error).split())[:1500]}", flush=True)
        browser.close()
        box.service.end()
        box.simulator.end()
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
