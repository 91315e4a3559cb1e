#!/usr/bin/env python3
"""What telephones cost: the figures of docs/performance.md for SIP.

    phones.py PROGRAM [FIGURE ...] [--calls N] [--seconds N]

Figures: idle, delay, flood, leaks; all of them where none is named. Runs the program and its simulator, with telephones, a registrar and
a scanner of this script's own on loopback, and prints one line a figure. For figures that count: nothing else on the machine,
--calls 2000 and --seconds 60. The modem's terminal is read on its way, so that the times are those of the bytes.
"""

import argparse
import hashlib
import json
import os
import pty
import re
import select
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import tty

PASSWORD, REALM = "correct horse", "gsmbridge"
# Answers at once.
TARGET = "+493023125005"
SDP = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio {} RTP/AVP 8\r\na=rtpmap:8 PCMA/8000\r\n"
BOX = ("127.0.0.1", 5960)


def md5(text):
    return hashlib.md5(text.encode()).hexdigest()


def p95(values):
    return statistics.quantiles(values, n=20, method="inclusive")[-1] if len(values) > 1 else values[0]


def header(message, name):
    found = re.search(rf"^{name}: *(.*)\r$", message, re.M | re.I)
    return found.group(1) if found else ""


class Wire:
    """A socket of SIP over UDP."""

    def __init__(self, host="127.0.0.1"):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((host, 0))
        self.host, self.port = self.socket.getsockname()

    def send(self, text, to=BOX):
        self.socket.sendto(text.encode(), to)

    def receive(self, seconds):
        self.socket.settimeout(max(0.001, seconds))
        try:
            data, source = self.socket.recvfrom(65536)
        except TimeoutError:
            return None, None
        return data.decode("utf-8", "replace"), source

    def answer(self, request, status, more=""):
        """What a request is answered with."""
        lines = [f"SIP/2.0 {status} Answer"]
        lines += [line for line in request.split("\r\n") if re.match(r"(Via|From|Call-ID|CSeq):", line, re.I)]
        to = header(request, "To")
        lines.append("To: " + (to if "tag=" in to else to + ";tag=peer"))
        return "\r\n".join(lines) + "\r\n" + more + "Content-Length: 0\r\n\r\n"


class Phone(Wire):
    """A telephone of the house."""

    def __init__(self, name):
        super().__init__()
        self.name, self.count = name, 0

    def request(self, method, uri, call, sequence, to, more="", body="", branch=None):
        branch = branch or f"{call}-{method}-{sequence}"
        return (
            f"{method} {uri} SIP/2.0\r\nVia: SIP/2.0/UDP {self.host}:{self.port};rport;branch=z9hG4bK{branch}\r\nMax-Forwards: 70\r\n"
            f"From: <sip:{self.name}@127.0.0.1>;tag={call}\r\nTo: {to}\r\nCall-ID: {call}\r\nCSeq: {sequence} {method}\r\n"
            f"Contact: <sip:{self.name}@{self.host}:{self.port}>\r\n{more}Content-Length: {len(body)}\r\n\r\n{body}"
        )

    def proof(self, challenge, method, uri):
        nonce = re.search(r'nonce="([^"]*)"', challenge).group(1)
        first = md5(f"{self.name}:{REALM}:{PASSWORD}")
        response = md5(f"{first}:{nonce}:00000001:own:auth:{md5(f'{method}:{uri}')}")
        name = "Authorization" if method == "REGISTER" else "Proxy-Authorization"
        return (
            f'{name}: Digest username="{self.name}", realm="{REALM}", nonce="{nonce}", uri="{uri}", response="{response}", '
            'algorithm=MD5, qop=auth, nc=00000001, cnonce="own"\r\n'
        )

    def wait(self, call, final=True, seconds=30):
        """The next answer of a call; of those that are final, where that is asked."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            text, _ = self.receive(end - time.monotonic())
            if text is None or not text.startswith("SIP/2.0"):
                continue
            if header(text, "Call-ID") == call and (not final or int(text[8:11]) >= 200):
                return text, time.monotonic()
        raise RuntimeError(f"{self.name}: no answer within {seconds} s")

    def register(self):
        self.count += 1
        uri, call = "sip:127.0.0.1", f"register-{self.name}-{self.count}"
        to = f"<sip:{self.name}@127.0.0.1>"
        self.send(self.request("REGISTER", uri, call, 1, to, "Expires: 3600\r\n"))
        asked, _ = self.wait(call)
        proof = self.proof(header(asked, "WWW-Authenticate"), "REGISTER", uri)
        self.send(self.request("REGISTER", uri, call, 2, to, "Expires: 3600\r\n" + proof))
        done, _ = self.wait(call)
        assert done.startswith("SIP/2.0 200"), done

    def call(self, number):
        """Calls, waits for the answer, hangs up: when the proved INVITE left, and when 200 OK came."""
        self.count += 1
        uri, call = f"sip:{number}@127.0.0.1:{BOX[1]}", f"call-{self.name}-{self.count}"
        to, kind = f"<{uri}>", "Content-Type: application/sdp\r\n"
        body = SDP.format(self.port)
        self.send(self.request("INVITE", uri, call, 1, to, kind, body))
        asked, _ = self.wait(call)
        self.send(self.request("ACK", uri, call, 1, header(asked, "To"), branch=f"{call}-INVITE-1"))
        proof = self.proof(header(asked, "Proxy-Authenticate"), "INVITE", uri)
        sent = time.monotonic()
        self.send(self.request("INVITE", uri, call, 2, to, kind + proof, body))
        answer, came = self.wait(call, seconds=60)
        assert answer.startswith("SIP/2.0 200"), answer
        to = header(answer, "To")
        self.send(self.request("ACK", uri, call, 2, to))
        self.send(self.request("BYE", uri, call, 3, to))
        gone, _ = self.wait(call)
        assert gone.startswith("SIP/2.0 200"), gone
        return sent, came


class Registrar(threading.Thread):
    """A PBX that takes every registration."""

    def __init__(self):
        super().__init__(daemon=True)
        self.wire, self.seen = Wire(), set()
        self.start()

    def run(self):
        while True:
            text, source = self.wire.receive(60)
            if text and not text.startswith("SIP/2.0"):
                if text.startswith("REGISTER"):
                    self.seen.add(header(text, "From").split(";")[0])
                contact = header(text, "Contact")
                more = f"Contact: {contact};expires=3600\r\n" if contact else ""
                self.wire.send(self.wire.answer(text, 200, more), source)


class Terminal(threading.Thread):
    """A terminal between the program and a simulated modem, which notes when bytes pass."""

    def __init__(self, far, path):
        super().__init__(daemon=True)
        self.far = os.open(far, os.O_RDWR | os.O_NOCTTY)
        tty.setraw(self.far)
        self.near, end = pty.openpty()
        tty.setraw(end)
        self.end = end
        os.symlink(os.ttyname(end), path)
        self.dialled, self.answered = [], []
        self.start()

    def run(self):
        while True:
            ready, _, _ = select.select([self.near, self.far], [], [])
            for source in ready:
                data = os.read(source, 4096)
                now = time.monotonic()
                if source == self.near and data.startswith(b"ATD"):
                    self.dialled.append(now)
                if source == self.far and b"^CONN:" in data:
                    self.answered.append(now)
                os.write(self.far if source == self.near else self.near, data)


class Box:
    """The service with its simulator."""

    def __init__(self, program, directory, modems=1, phones=0, accounts=0):
        self.program, self.directory = program, directory
        links, self.registrar, self.terminals = directory + "/links", None, []
        environment = dict(os.environ, HOME=directory)
        self.simulator = subprocess.Popen(
            [program, "simulate", "--modems", str(modems), "--family", "huawei", "--link-dir", links],
            stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment,
        )
        self.until(lambda: all(os.path.exists(f"{links}/modem{n}") for n in range(modems)), "modems")
        for number in range(modems):
            self.terminals.append(Terminal(f"{links}/modem{number}", f"{directory}/tty{number}"))
        secret = directory + "/password"
        with open(secret, "w") as file:
            file.write(PASSWORD)
        os.chmod(secret, 0o600)
        lines = ["gateway:", "  name: figures", "  region: DE", f"  state_dir: {directory}/state", f"  socket: {directory}/socket", "modems:"]
        lines += [f"  m{n}: {{ match: {{ tty: {directory}/tty{n} }}, audio: {{ way: none }} }}" for n in range(modems)]
        lines += ["policy: { allow: [home], max_calls_per_hour: 3600 }"]
        if phones:
            lines += ["sip:", f'  listen: ["udp:{BOX[0]}:{BOX[1]}"]', "  phones:"]
            lines += [f"    p{n}: {{ password: {{ file: {secret} }} }}" for n in range(phones)]
        if accounts:
            self.registrar = Registrar()
            place = f"sip:127.0.0.1:{self.registrar.wire.port}"
            lines += ["  accounts:"]
            lines += [f'    a{n}: {{ registrar: "{place}", user: "{n}", password: {{ file: {secret} }} }}' for n in range(accounts)]
        self.configuration = directory + "/gsmbridge.yaml"
        with open(self.configuration, "w") as file:
            file.write("\n".join(lines) + "\n")
        self.log = open(directory + "/log", "w")
        self.service = subprocess.Popen(
            [program, "run", "--config", self.configuration], stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log, env=environment
        )
        self.until(lambda: self.ready() == modems, "ready modems", 120)
        self.phones = [Phone(f"p{n}") for n in range(phones)]
        for phone in self.phones:
            phone.register()
        if accounts:
            self.until(lambda: len(self.registrar.seen) == accounts, "registrations")

    def until(self, holds, what, seconds=60):
        end = time.monotonic() + seconds
        while not holds():
            if time.monotonic() > end:
                with open(self.directory + "/log") as file:
                    sys.exit(f"no {what}:\n{file.read()[-4000:]}")
            time.sleep(0.05)

    def ready(self):
        shown = subprocess.run(
            [self.program, "modems", "--format", "json", "--config", self.configuration], capture_output=True, text=True, check=False
        )
        return sum(json.loads(line).get("state") == "ready" for line in shown.stdout.splitlines())

    def cpu(self):
        """Seconds of processor that it has used."""
        with open(f"/proc/{self.service.pid}/stat") as file:
            fields = file.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def memory(self):
        """MB that are resident."""
        with open(f"/proc/{self.service.pid}/smaps_rollup") as file:
            return int(re.search(r"^Rss: *(\d+)", file.read(), re.M).group(1)) / 1000

    def handles(self):
        return len(os.listdir(f"/proc/{self.service.pid}/fd"))

    def ports(self):
        """UDP ports that are open."""
        own = set()
        for name in os.listdir(f"/proc/{self.service.pid}/fd"):
            try:
                own.add(os.readlink(f"/proc/{self.service.pid}/fd/{name}"))
            except OSError:
                continue
        with open(f"/proc/{self.service.pid}/net/udp") as file:
            return sum(f"socket:[{line.split()[9]}]" in own for line in file.readlines()[1:])

    def stop(self):
        for process in (self.service, self.simulator):
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def idle(program, options):
    figures = []
    for phones, accounts in ((0, 0), (10, 4)):
        with tempfile.TemporaryDirectory() as directory:
            box = Box(program, directory, phones=phones, accounts=accounts)
            time.sleep(5)
            before = box.cpu()
            time.sleep(options.seconds)
            figures.append((box.memory(), (box.cpu() - before) / options.seconds))
            box.stop()
    (bare, least), (full, most) = figures
    print(f"idle: 4 accounts and 10 phones take {full - bare:.1f} MB more than none ({bare:.1f} MB); meant to be 6 at most")
    print(f"idle: they take {(most - least) * 100:.2f} % of a core more over {options.seconds} s; meant to be 0.1 at most")


def delay(program, options):
    with tempfile.TemporaryDirectory() as directory:
        box = Box(program, directory, phones=1)
        terminal, dials, answers = box.terminals[0], [], []
        for _ in range(options.calls):
            terminal.dialled.clear()
            terminal.answered.clear()
            sent, came = box.phones[0].call(TARGET)
            dials.append((terminal.dialled[0] - sent) * 1000)
            answers.append((came - terminal.answered[0]) * 1000)
            # A modem rests for 3 s after a call.
            time.sleep(4)
        box.stop()
    half = statistics.median(dials)
    print(f"delay: INVITE to the first byte of ATD {half:.1f} ms half of the time, {p95(dials):.1f} at p95 of {len(dials)} calls; meant to be 20 at p95")
    print(f"delay: the modem's answer to 200 OK {p95(answers):.1f} ms at p95, {max(answers):.1f} at most; meant to be 5 at most")


def flood(program, options):
    with tempfile.TemporaryDirectory() as directory:
        box = Box(program, directory, phones=1)
        scanner, phone, sent, slow = Wire("127.0.0.66"), box.phones[0], 0, []
        begin, before = time.monotonic(), box.cpu()
        while (passed := time.monotonic() - begin) < options.seconds:
            # 10,000 in a second, in hundredths of it.
            while sent < passed * 10_000:
                sent += 1
                scanner.send(
                    f"REGISTER sip:127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.66:{scanner.port};branch=z9hG4bK{sent}\r\nMax-Forwards: 70\r\n"
                    f"From: <sip:{sent}@127.0.0.1>;tag={sent}\r\nTo: <sip:{sent}@127.0.0.1>\r\nCall-ID: {sent}\r\nCSeq: 1 REGISTER\r\n"
                    f"Contact: <sip:{sent}@127.0.0.66>\r\nContent-Length: 0\r\n\r\n"
                )
            if len(slow) < passed:
                asked = time.monotonic()
                phone.register()
                slow.append((time.monotonic() - asked) * 1000)
            time.sleep(0.01)
        passed = time.monotonic() - begin
        print(
            f"flood: {sent / passed:.0f} REGISTER/s take {(box.cpu() - before) / passed * 100:.1f} % of a core over {passed:.0f} s; a phone "
            f"of the house registers meanwhile in {p95(slow):.0f} ms at p95"
        )
        box.stop()


def leaks(program, options):
    with tempfile.TemporaryDirectory() as directory:
        modems = 4
        box = Box(program, directory, modems=modems, phones=modems)
        # What the first calls load stays.
        for phone in box.phones:
            phone.call(TARGET)
        box.until(lambda: box.ready() == modems, "ready modems")
        before = (box.handles(), box.ports(), box.memory())
        failures = []

        def calls(phone):
            for _ in range(options.calls // modems):
                try:
                    phone.call(TARGET)
                except (AssertionError, RuntimeError) as error:
                    failures.append(str(error).splitlines()[0])
                    # The modem of the last call may not be ready yet.
                    time.sleep(1)

        threads = [threading.Thread(target=calls, args=(phone,)) for phone in box.phones]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        # Transactions are remembered for 32 s (RFC 3261 §17).
        time.sleep(35)
        box.until(lambda: box.ready() == modems, "ready modems")
        after = (box.handles(), box.ports(), box.memory())
        box.stop()
    print(
        f"leaks: {options.calls // modems * modems} calls ({len(failures)} refused): descriptors {before[0]} to {after[0]}, UDP ports "
        f"{before[1]} to {after[1]}, {before[2]:.1f} to {after[2]:.1f} MB"
    )
    for failure in sorted(set(failures)):
        print(f"leaks: {failures.count(failure)} times: {failure}")


def main():
    figures = {"idle": idle, "delay": delay, "flood": flood, "leaks": leaks}
    parser = argparse.ArgumentParser(description="Measures what telephones cost.")
    parser.add_argument("program")
    parser.add_argument("figures", nargs="*", choices=[*figures, []], metavar="FIGURE")
    parser.add_argument("--calls", type=int, default=20)
    parser.add_argument("--seconds", type=int, default=10)
    options = parser.parse_args()
    for name in options.figures or figures:
        figures[name](os.path.abspath(options.program), options)


if __name__ == "__main__":
    main()
