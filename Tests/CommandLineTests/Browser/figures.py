"""What the page costs: the figures of docs/page.md.

    figures.py PROGRAM DIRECTORY [delay]    with `delay`: how late people hear each other, and nothing else

Runs the program on its simulator and chromium at it, as checks.py does, and prints one line a figure. The machine's load counts.
"""

import http.client
import os
import statistics
import sys
import tempfile
import threading
import time

from playwright.sync_api import expect, sync_playwright

import sound
from checks import Box, Visit, address, launch, origin

# Tabs are of one browser and share a stream; streams are of as many browsers, and the service has 64 in all.
CALLS, VIEWS, TABS, STREAMS = 12, 1000, 64, 50
# Sweeps whose way is measured, and how late the far side of this number lets its caller hear them, in ms.
SWEEPS, ECHO, ECHO_LATE = 40, "+493023125008", 200


def cpu(pid):
    """Seconds of processor that a process has used."""
    with open(f"/proc/{pid}/stat") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory(pid):
    """kB that are resident, and of them those that are its own."""
    figures = {}
    with open(f"/proc/{pid}/smaps_rollup") as file:
        for line in file:
            parts = line.split()
            if parts[0].endswith(":") and parts[1].isdigit():
                figures[parts[0][:-1]] = int(parts[1])
    return figures["Rss"], figures["Private_Dirty"]


def p95(values):
    return statistics.quantiles(values, n=20)[-1]


def events(visit):
    """From an event's own time to the moment at which the page shows it, in ms."""
    visit.page.evaluate(
        """() => {
          window.told = {}; window.shown = {};
          const states = { "call.dialing": "dialing", "call.alerting": "alerting", "call.connected": "connected", "call.ended": "ended" };
          const stream = new EventSource("/v1/events");
          for (const name in states) stream.addEventListener(name, ({ data }) => {
            const event = JSON.parse(data);
            window.told[event.call + states[name]] ??= new Date(event.at).getTime();
          });
          new MutationObserver(() => {
            for (const card of document.querySelectorAll("[data-call]")) window.shown[card.dataset.call + card.dataset.state] ??= Date.now();
          }).observe(document.getElementById("calls"), { subtree: true, childList: true, attributes: true, attributeFilter: ["data-state"] });
          return new Promise((resolve) => { stream.onopen = resolve; });
        }"""
    )
    for _ in range(CALLS):
        call = visit.dial("030 123456")
        card = visit.call(call, "in_progress")
        card.locator("[data-action=hangup]").click()
        visit.call(call, "ended")
    return visit.page.evaluate("Object.keys(window.told).filter((key) => key in window.shown).map((key) => window.shown[key] - window.told[key])")


def views(pid, cookie):
    connection = http.client.HTTPConnection(address, 8470)
    before = cpu(pid)
    for _ in range(VIEWS):
        connection.request("GET", "/", headers={"Cookie": cookie})
        assert len(connection.getresponse().read()) > 1000
    return (cpu(pid) - before) / VIEWS * 1000


def streams(pid, cookie, visit):
    """Listeners of as many browsers: what each holds of the service's memory, and how long until the last has an event, in ms."""
    connections, heard, all_heard = [], [], threading.Event()

    def listen(answer):
        while line := answer.fp.readline():
            if line.startswith(b"event: call.requested"):
                heard.append(time.monotonic())
                if len(heard) == STREAMS:
                    all_heard.set()
                return

    for _ in range(STREAMS):
        connection = http.client.HTTPConnection(address, 8470)
        connection.request("GET", "/v1/events", headers={"Cookie": cookie})
        answer = connection.getresponse()
        assert answer.status == 200, answer.status
        connections.append(connection)
        threading.Thread(target=listen, args=[answer], daemon=True).start()
    resident = memory(pid)
    call = visit.dial("030 123456")
    assert all_heard.wait(60)
    hang_up(visit, visit.page, call)
    for connection in connections:
        connection.close()
    return resident, (max(heard) - min(heard)) * 1000


def hang_up(visit, page, call):
    page.locator(f"[data-call='{call}'][data-state=in_progress] [data-action=hangup]").click()
    visit.call(call, "ended")


def tabs(pid, box, visit):
    """Tabs of one browser: the service's memory, its processor in ten idle seconds, and how long until the last shows an event, in ms."""
    pages = []
    for _ in range(TABS):
        page = visit.context.new_page()
        page.goto(origin + "/")
        expect(page.locator("#link[data-tone=good]")).to_be_visible()
        page.evaluate(
            """() => new MutationObserver(() => {
                 for (const card of document.querySelectorAll("[data-call][data-state=in_progress]")) (window.shown ??= {})[card.dataset.call] ??= Date.now();
               }).observe(document.getElementById("calls"), { subtree: true, childList: true, attributes: true })"""
        )
        pages.append(page)
    resident, listeners, before = memory(pid), box.listeners(), cpu(pid)
    time.sleep(10)
    idle = cpu(pid) - before
    call = visit.dial("030 123456")
    shown = []
    for page in pages:
        expect(page.locator(f"[data-call='{call}'][data-state=in_progress]")).to_be_visible()
        shown.append(page.evaluate("(call) => window.shown[call]", call))
    hang_up(visit, pages[-1], call)
    for page in pages:
        page.close()
    return resident, listeners, idle, max(shown) - min(shown)


def quiet(visit):
    """What an idle tab is sent in 40 seconds: requests that it made, events, bytes of the stream."""
    session = visit.context.new_cdp_session(visit.page)
    session.send("Network.enable")
    told = {"Network.requestWillBeSent": [], "Network.eventSourceMessageReceived": [], "Network.dataReceived": []}
    for name in told:
        session.on(name, lambda event, name=name: told[name].append(event))
    visit.page.wait_for_timeout(40_000)
    session.detach()
    requests, events, pieces = told.values()
    return len(requests), len(events), sum(piece["dataLength"] for piece in pieces)


def delay(playwright, box, directory):
    """One way between the microphone and the far side in ms, of sweeps that come back: half of the way there and back."""
    sound.write(f"{directory}/sweeps.wav", sound.chirps(SWEEPS + 5))
    browser = launch(playwright.chromium, f"{directory}/sweeps.wav")
    with Visit(browser, box) as visit:
        page = visit.page
        expect(page.locator("[data-modem=a][data-state=ready]")).to_be_visible()
        page.locator("#dial summary").click()
        page.select_option("#dial-via", "direct")
        page.select_option("#dial-modem", "a")
        call = visit.dial(ECHO)
        visit.call(call, "in_progress")
        visit.speaks(call)
        # A sweep takes less than two seconds with what follows it.
        page.wait_for_timeout(SWEEPS * 1500)
        context = page.evaluate("(({ baseLatency, outputLatency }) => [baseLatency, outputLatency])(window.taps.at(-1).context)")
        hang_up(visit, page, call)
        there_and_back = page.evaluate(sound.DELAYS)
    browser.close()
    ways = [(one - ECHO_LATE) / 2 for one in there_and_back if one is not None]
    return ways, len(there_and_back) - len(ways), [1000 * one for one in context]


def tell_delay(ways, lost, context):
    print(f"one way, microphone to far side and back, halved: p50 {statistics.median(ways):.0f} ms, p95 {p95(ways):.0f} ms,"
          f" most {max(ways):.0f} ms, {len(ways)} sweeps, {lost} not found")
    print(f"beside that, the browser's own output: {context[0]:.0f} ms, and {context[1]:.0f} ms of the sound card")


def cold(browser, visit):
    """A first view with nothing kept: ms until the page is live, and the bytes of each answer as sent."""
    sizes = []
    with browser.new_context() as context:
        context.add_cookies(visit.context.cookies())
        page = context.new_page()
        page.on("requestfinished", lambda request: sizes.append(request.sizes()["responseBodySize"]) if "/v1/" not in request.url else None)
        begun = time.monotonic()
        page.goto(origin + "/")
        expect(page.locator("#link[data-tone=good]")).to_be_visible()
        return (time.monotonic() - begun) * 1000, sizes


def main():
    with tempfile.TemporaryDirectory(prefix="page-") as directory, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu", "--renderer-process-limit=4"])
        box = Box(directory)
        if "delay" in sys.argv[3:]:
            print(f"load {os.getloadavg()[0]:.1f}")
            tell_delay(*delay(playwright, box, directory))
            browser.close()
            box.service.end()
            box.simulator.end()
            return
        pid = box.service.process.pid
        while '"ready":true' not in box.command("status", "--format", "json").replace(" ", ""):
            pass
        empty = memory(pid)
        with Visit(browser, box) as visit:
            expect(visit.page.locator("[data-modem=a][data-state=ready]")).to_be_visible()
            one = memory(pid)
            cookie = "; ".join(f"{one['name']}={one['value']}" for one in visit.context.cookies())
            requests, told, bytes = quiet(visit)
            delays = events(visit)
            each = views(pid, cookie)
            first, sizes = cold(browser, visit)
            many, spread = streams(pid, cookie, visit)
            tabbed, listeners, idle, shown = tabs(pid, box, visit)
        print(f"load {os.getloadavg()[0]:.1f}")
        print(f"first view: {sum(sizes)} bytes in {len(sizes)} answers, as sent; live after {first:.0f} ms")
        print(f"event to DOM: p50 {statistics.median(delays):.0f} ms, p95 {p95(delays):.0f} ms, {len(delays)} events")
        print(f"processor a view: {each:.2f} ms")
        print(f"resident (own): {empty[0]} kB ({empty[1]}) without a browser, {one[0]} ({one[1]}) with one, {many[0]} ({many[1]}) with {STREAMS} streams")
        print(f"an event at {STREAMS} streams: {spread:.0f} ms from the first to the last")
        print(f"{TABS} tabs: {listeners} listeners in all, resident {tabbed[0]} kB ({tabbed[1]}), processor {idle * 100:.1f} ms a second idle")
        print(f"an event in {TABS} tabs: {shown:.0f} ms from the first that shows it to the last; hung up from the last")
        print(f"an idle tab in 40 s: {requests} requests, {told} events, {bytes} bytes of comments")
        browser.close()
        tell_delay(*delay(playwright, box, directory))
        box.service.end()
        box.simulator.end()


main()
