"""Open pages that trueup wrote (`--output html=...`) in a real browser, and check what they promise to a reader.

    drive.py CHROMIUM PLAN.html LARGE.html DRIFT.html

PLAN has a few functions, one of them `orders` with an alias `live` of its version, and a risk. LARGE has the functions fn-0000
to fn-1999. DRIFT has a difference. Prints each promise that is broken and exits with 1, else prints how many checks passed.
"""

import json
import pathlib
import subprocess
import sys
import tempfile
import threading

from websockets.sync.client import connect

# What the scripts below share. `isSeen` means that all of an element is in the window and nothing covers it.
HELPERS = r"""
const [ALIAS, VERSION] = ["alias/orders/live", "version/orders"];
const $ = (selector) => document.querySelector(selector);
const $$ = (selector) => [...document.querySelectorAll(selector)];
const data = () => JSON.parse($("#data").textContent).targets[0];
const resources = () => data().groups.flatMap((group) => group.resources);
const box = (element) => element.getBoundingClientRect();
const isInside = ({ left, right, top, bottom }) => left >= 0 && top >= 0 && right <= innerWidth && bottom <= innerHeight;
const topmost = ({ left, right, top, bottom }) => document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
const isShown = (element) => element.checkVisibility({ opacityProperty: true, visibilityProperty: true });
const isSeen = (element) => isShown(element) && isInside(box(element)) && element.contains(topmost(box(element)));
const shown = (selector) => $$(selector).filter(isShown).map((element) => element.dataset.group ?? element.dataset.address);
const says = (element, text) => element.textContent.includes(text);
const row = (address) => $(`.resource[data-address="${CSS.escape(address)}"]`);
const node = (address) => $$(`#graph .node[data-address="${CSS.escape(address)}"] rect`).find(isShown);
const isAt = (rect, { x, y }) => x > rect.x - 2 && x < rect.x + rect.width + 2 && y > rect.y && y < rect.y + rect.height;
const joins = (path, ...rects) => rects.every((each, at) => isAt(each.getBBox(), path.getPointAtLength(at * path.getTotalLength())));
const edge = () => $$("#graph .edge").find((path) => isShown(path) && joins(path, node(VERSION), node(ALIAS)));
const linear = (part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
const light = (rgb) => rgb.match(/\d+/g).reduce((sum, part, at) => sum + linear(part / 255) * [0.2126, 0.7152, 0.0722][at], 0.05);
const type = (text) => Object.assign($("#filter"), { value: text }).dispatchEvent(new Event("input"));
const click = (selector) => {
  $(selector).scrollIntoView({ block: "center" });
  if (!isSeen($(selector))) throw new Error(`nobody can click ${selector}: it is outside the window, hidden or covered`);
  $(selector).click();
};
const loaded = () => new Promise((done) => (document.readyState === "complete" ? done() : addEventListener("load", done)));
const painted = (wait = 0) => new Promise((done) => requestAnimationFrame(() => setTimeout(done, wait)));
"""


class Reader:
    """A tab of Chromium, and below, a method for each promise: it yields what must hold, and what to say if it does not."""

    def __init__(self, socket):
        self.socket, self.last_id, self.session, self.noise = socket, 0, {}, []
        self.session = self.call("Target.attachToTarget", **self.call("Target.createTarget", url="about:blank"), flatten=True)
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")

    def call(self, method, **parameters):
        self.last_id += 1
        self.socket.send(json.dumps({"id": self.last_id, "method": method, "params": parameters, **self.session}))
        while (message := json.loads(self.socket.recv(timeout=60))).get("id") != self.last_id:
            self.note(message.get("method", ""), message.get("params", {}))
        if "error" in message:
            raise RuntimeError(f"{method}: {message['error']['message']}")
        return message["result"]

    def note(self, event, about):
        about = about.get("request") or about.get("entry") or about.get("exceptionDetails") or about
        text = about.get("args") or about.get("exception", {}).get("description") or about.get("text") or about.get("url")
        is_request = event == "Network.requestWillBeSent" and text != self.path.as_uri()
        is_error = event.startswith(("Runtime", "Log")) and "error" in (about.get("type"), about.get("level"))
        if is_request or is_error or event in ("Runtime.exceptionThrown", "Network.webSocketCreated"):
            self.noise.append(f"{self.path.name}: the page causes {event}: {str(text).splitlines()[0]}")

    def open(self, path, fragment="", width=1280, scheme="light"):
        self.call("Page.navigate", url="about:blank")
        self.path, self.width = path, width
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=width < 500)
        self.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
        self.call("Page.navigate", url=path.as_uri() + fragment)
        self.js("() => loaded().then(() => painted(100))")

    def js(self, function, *arguments):
        code = f"(() => {{ {HELPERS} return ({function})({', '.join(map(json.dumps, arguments))}); }})()"
        answer = self.call("Runtime.evaluate", expression=code, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(answer["exceptionDetails"]["exception"]["description"].split("\n")[0])
        return answer["result"].get("value")

    def sees_the_summary_and_risks_first(self):
        yield self.js("() => isSeen($('#summary')) && $('#summary').textContent === data().summary"), "the summary is not shown"
        unseen = self.js("() => data().risks.filter((it) => !$$('#risks li').some((at) => isSeen(at) && says(at, it.message)))")
        yield not unseen, f"not seen at 1280x900 without scrolling: {'; '.join(risk['message'] for risk in unseen)}"
        yield self.js("() => isSeen($('#risks')) && box($('#risks')).bottom <= box($('.group')).top"), "risks do not come first"

    def filters_by_text(self):
        before = self.js("() => (click('#filter'), $('#filter').focus(), shown('.group'))")
        self.call("Input.insertText", text="orders")
        after, fits = self.js("() => [shown('.group'), $$('.group').filter(isShown).every((at) => /orders/.test(at.innerHTML))]")
        yield fits and "orders" in after != before, f"at {self.width} px, the filter `orders` shows {after} of {before}"
        yield self.js("() => (type(''), shown('.group'))") == before, f"at {self.width} px, clearing the filter leaves gaps"

    def filters_by_sign(self):
        sign = self.js("() => ['+', '~'].find((sign) => resources().some((each) => each.sign === sign))")
        wanted = self.js("(sign) => resources().filter((each) => each.sign === sign).map((each) => each.address)", sign)
        press = f"""() => (click('[data-sign-filter="{sign}"]'), shown('.resource'))"""
        yield (after := self.js(press)) == wanted, f"the button {sign} shows {after}, not {wanted}"
        yield len(self.js(press)) > len(wanted), f"a second click on the button {sign} does not show the others again"

    def unfolds_and_folds_all(self):
        yield self.js("() => (click('#collapse'), shown('.resource').length) === 0"), "Collapse all leaves some open"
        yield self.js("() => (click('#expand'), shown('.resource').length) === resources().length"), "Expand all leaves some shut"

    def sees_many_groups_folded(self):
        count = self.js("() => $$('.group[open]').filter((group) => !group.querySelector('.risk')).length")
        yield count == 0, f"{count} groups of the large page start open without a risk to show"

    def reads_on_a_phone(self):
        self.open(self.path, width=360)
        yield self.js("() => box($('#filter')).width >= 120"), "at 360 px, the filter is too narrow to type into"
        yield from self.filters_by_text()
        width = self.js("() => ($$('details').forEach((each) => { each.open = true; }), document.documentElement.scrollWidth)")
        yield width <= 360, f"at 360 px, the page scrolls sideways, as it is {width} px wide"
        outside = self.js("""(range = new Range()) => $$("#page *:not(.scroll, .scroll *, :has(.scroll))").filter(isShown)
          .filter((element) => (range.selectNode(element), box(range).left < -1 || box(range).right > 361)) // With its text.
          .map((element) => `${element.localName}.${element.className} "${element.textContent.slice(0, 30)}"`)""")
        yield not outside, f"at 360 px, these stick out: {outside[-3:]}"

    def reads_in_dark_and_light(self):
        backgrounds = set()
        for scheme in ("dark", "light"):
            self.open(self.path, scheme=scheme)
            colours = self.js("() => [getComputedStyle(document.body).backgroundColor, getComputedStyle($('#summary')).color]")
            darker, lighter = sorted(self.js("(colours) => colours.map(light)", colours))
            yield lighter / darker >= 4.5, f"in {scheme}, the summary has a contrast of {lighter / darker:.1f}, less than 4.5"
            backgrounds.add(colours[0])
        yield len(backgrounds) == 2, f"dark and light have the same background: {backgrounds}"

    def follows_the_graph_by_keyboard(self):
        yield self.js("() => Boolean(node(ALIAS) && node(VERSION) && edge())"), "the graph lacks the alias, version or edge"
        widths = "() => [node(ALIAS), edge()].map((part) => parseFloat(getComputedStyle(part).strokeWidth))"
        before = self.js(f"() => ($('#graph summary').focus(), ({widths})())")
        for _ in range(100):
            if not self.js("() => document.activeElement === node(ALIAS).parentElement"):
                self.call("Input.dispatchKeyEvent", type="rawKeyDown", key="Tab", code="Tab", windowsVirtualKeyCode=9)
        yield min(self.js(widths)) > max(before), "going to the alias with the Tab key does not highlight it and its edge"

    def follows_a_fragment(self):
        marked = "(at = $('.target')) => shown('.target')[0] === ALIAS && isSeen(at) && getComputedStyle(at).boxShadow !== 'none'"
        self.js("() => { click('#collapse'); location.hash = ALIAS; return painted(); }")
        yield self.js(marked), "following a link to #alias/orders/live does not open and mark it"
        self.open(self.path, fragment="#alias/orders/live")
        yield self.js(marked), "opening the page with #alias/orders/live does not open and mark it"

    def filters_many_groups_quickly(self):
        timed = "(text, start = performance.now()) => (type(text), painted().then(() => performance.now() - start))"
        for text, wanted in (("fn-1234", 1), ("", 2000)):
            time, count = self.js(timed, text), self.js("() => shown('.group').length")
            yield count == wanted and time < 2000, f"the filter `{text}` shows {count} of {wanted} groups after {time:.0f} ms"

    def sees_differences(self):
        shows = "(row, facts) => row && isShown(row) && facts.every(({ text }) => text.every((line) => says(row, line)))"
        differ = "resources().filter(({ sign }) => sign !== ' ')"
        lost = self.js(f"() => {differ}.filter((each) => !({shows})(row(each.address), each.facts)).map((each) => each.address)")
        yield not lost and self.js(f"() => {differ}.length > 0"), f"differences are not shown: {lost or 'there are none'}"

    def results(self, promise, path):
        """What to say of each part of a promise: nothing if it holds."""
        try:
            self.open(path)
            for holds, failure in promise(self):
                yield "" if holds else f"{path.name}: {failure}"
        except (RuntimeError, TimeoutError) as error:
            yield f"{path.name}: cannot check whether a reader {promise.__name__.replace('_', ' ')}: {error}"


PLAN = [Reader.sees_the_summary_and_risks_first, Reader.filters_by_text, Reader.filters_by_sign, Reader.unfolds_and_folds_all,
        Reader.reads_on_a_phone, Reader.reads_in_dark_and_light, Reader.follows_the_graph_by_keyboard, Reader.follows_a_fragment]
PROMISES = [PLAN, [Reader.sees_many_groups_folded, Reader.filters_many_groups_quickly], [Reader.sees_differences]]


def main(chromium, pages):
    flags = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--remote-debugging-port=0"]
    with (tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile,
          subprocess.Popen([chromium, *flags, f"--user-data-dir={profile}"], stderr=subprocess.PIPE, text=True) as process):
        try:
            address = next((line.split()[-1] for line in process.stderr if "DevTools listening on" in line), None)
            threading.Thread(target=process.stderr.read, daemon=True).start()
            with connect(address or sys.exit(f"{chromium} did not start"), max_size=None, proxy=None) as socket:
                reader, work = Reader(socket), [(each, path) for path, part in zip(pages, PROMISES, strict=True) for each in part]
                found = [result for promise, path in work for result in reader.results(promise, path)]
        finally:
            process.terminate()
    found += dict.fromkeys(reader.noise) or [""]  # Each once.
    print("\n".join(filter(None, found)) or f"ok: {len(found)} checks")
    return 1 if any(found) else 0


sys.exit(main(sys.argv[1], [pathlib.Path(page).resolve() for page in sys.argv[2:]]))
