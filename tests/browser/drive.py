"""Open pages that trueup wrote (`--output html=...`) in a real browser, and check what they promise to a reader.

    drive.py CHROMIUM PLAN.html LARGE.html DRIFT.html

PLAN has a few functions, one of them `orders` with an alias `live` of its version, and a risk. LARGE has the functions fn-0000
to fn-1999. DRIFT has a difference. Prints each promise that does not hold and exits with 1, else prints how many checks hold.
"""

import json
import pathlib
import subprocess
import sys
import tempfile
import threading

from websockets.sync.client import connect

FLAGS = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--remote-debugging-port=0"]

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
const row = (address) => $(`.resource[data-address="${CSS.escape(address)}"]`);
const node = (address) => $(`#graph .node[data-address="${CSS.escape(address)}"] rect`);
const isOn = (rect, { x, y }) => Math.abs(x - rect.x - rect.width / 2) < rect.width / 2 + 2 && y > rect.y && y < rect.y + rect.height;
const isEdge = (path, from, to) =>
  isOn(node(to).getBBox(), path.getPointAtLength(0)) && isOn(node(from).getBBox(), path.getPointAtLength(path.getTotalLength()));
const edge = () => $$("#graph .edge").find((path) => isEdge(path, ALIAS, VERSION));
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
    """A tab of Chromium. Each method from `sees_the_summary...` on checks a promise: it yields what must hold, and what to say."""

    def __init__(self, socket):
        self.socket, self.last_id, self.session, self.noise = socket, 0, {}, []
        self.session = self.call("Target.attachToTarget", **self.call("Target.createTarget", url="about:blank"), flatten=True)
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")

    def call(self, method, **parameters):
        self.last_id += 1
        self.socket.send(json.dumps({"id": self.last_id, "method": method, "params": parameters, **self.session}))
        while (message := json.loads(self.socket.recv(timeout=60))).get("id") != self.last_id:
            self.hears(message.get("method", ""), message.get("params", {}))
        if "error" in message:
            raise RuntimeError(f"{method}: {message['error']['message']}")
        return message["result"]

    def hears(self, event, about):
        """Keeps each request but the one for the page, and each error: there must be none."""
        is_request = event == "Network.requestWillBeSent" and about["request"]["url"] != self.path.as_uri()
        is_error = event.startswith(("Runtime", "Log")) and "error" in (about.get("type"), about.get("entry", {}).get("level"))
        if is_request or is_error or event in ("Runtime.exceptionThrown", "Network.webSocketCreated"):
            self.noise.append(f"{self.path.name}: the page causes {event}: {json.dumps(about.get('request', about))[:300]}")

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
        unseen = self.js("""() => data().risks.map((risk) => risk.message)
          .filter((text) => !$$("#risks li").some((line) => isSeen(line) && line.textContent.includes(text)))""")
        yield not unseen, f"without scrolling at 1280x900, these risks are not seen: {'; '.join(unseen)}"
        is_above = self.js("() => isSeen($('#risks h2')) && box($('#risks')).bottom <= box($('.group')).top")
        yield is_above, "no risks are shown before the groups"

    def filters_by_text(self):
        before = self.js("() => (click('#filter'), $('#filter').focus(), shown('.group'))")
        self.call("Input.insertText", text="orders")
        after = self.js("() => shown('.group')")
        wrong = self.js("() => $$('.group').filter((group) => isShown(group) && !/orders/i.test(group.textContent)).length")
        is_right = "orders" in after and len(after) < len(before) and wrong == 0
        yield is_right, f"at {self.width} px, the filter `orders` shows the groups {after} of {before}"
        again = self.js("() => (type(''), shown('.group'))")
        yield again == before, f"at {self.width} px, clearing the filter shows the groups {again}, not {before}"

    def filters_by_sign(self):
        before = self.js("() => shown('.resource')")
        sign = self.js("() => ['+', '~'].find((sign) => resources().some((each) => each.sign === sign))")
        wanted = self.js("(sign) => resources().filter((each) => each.sign === sign).map((each) => each.address)", sign)
        press = f"""() => (click('[data-sign-filter="{sign}"]'), shown('.resource'))"""
        after = self.js(press)
        yield after == wanted != before, f"the button {sign} shows {after} of {before}, not {wanted}"
        yield self.js(press) == before, f"a second click on the button {sign} does not show all resources again"

    def unfolds_and_folds_all(self):
        yield self.js("() => (click('#collapse'), shown('.resource').length === 0)"), "Collapse all leaves a group open"
        yield self.js("() => (click('#expand'), shown('.resource').length === resources().length)"), "Expand all leaves a group folded"

    def sees_many_groups_folded(self):
        yield self.js("() => shown('.group').length === 2000"), "the large page does not show 2,000 groups"
        count = self.js("() => $$('.group[open]').filter((group) => !group.querySelector('.risk')).length")
        yield count == 0, f"{count} groups of the large page start open without a risk to show"

    def reads_on_a_phone(self):
        self.open(self.path, width=360)
        yield self.js("() => box($('#filter')).width >= 120"), "at 360 px, the filter is too narrow to type into"
        yield from self.filters_by_text()
        self.js("() => $$('details').forEach((details) => { details.open = true; })")
        width = self.js("() => document.documentElement.scrollWidth")
        yield width <= 360, f"at 360 px, the page scrolls sideways, as it is {width} px wide"
        outside = self.js("""() => $$("#page *:not(.scroll, .scroll *, :has(.scroll))").filter(isShown).filter((element) => {
          const range = new Range(); // Its box has the element and all text in it.
          range.selectNode(element);
          return box(range).left < -1 || box(range).right > 361;
        }).map((element) => `${element.localName}.${element.className} "${element.textContent.slice(0, 30)}"`)""")
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
        drawn = self.js("() => Boolean([ALIAS, VERSION].every((address) => node(address) && isShown(node(address))) && edge())")
        yield drawn, "the graph does not draw the alias and the version of orders with an edge"
        widths = "() => [node(ALIAS), edge()].map((part) => parseFloat(getComputedStyle(part).strokeWidth))"
        before = self.js(f"() => ($('#graph summary').focus(), ({widths})())")
        while self.js("() => $('#graph').contains(document.activeElement) && document.activeElement !== node(ALIAS).parentElement"):
            self.call("Input.dispatchKeyEvent", type="rawKeyDown", key="Tab", code="Tab", windowsVirtualKeyCode=9)
        is_thicker = [now > then for now, then in zip(self.js(widths), before)]
        yield all(is_thicker), "going to the alias in the graph with the Tab key does not highlight it and its edge"

    def follows_a_fragment(self):
        marked = "() => isSeen(row(ALIAS)) && shown('.target').join() === ALIAS && getComputedStyle(row(ALIAS)).boxShadow !== 'none'"
        self.js("() => { click('#collapse'); location.hash = ALIAS; return painted(); }")
        yield self.js(marked), "following a link to #alias/orders/live does not open and mark it"
        self.open(self.path, fragment="#alias/orders/live")
        yield self.js(marked), "opening the page with #alias/orders/live does not open and mark it"

    def filters_many_groups_quickly(self):
        timed = "(text, start = performance.now()) => (type(text), painted().then(() => performance.now() - start))"
        for text, wanted in (("fn-1234", 1), ("", 2000)):
            time, count = self.js(timed, text), self.js("() => shown('.group').length")
            yield count == wanted and time < 2000, f"the filter `{text}` takes {time:.0f} ms to show {count} groups of {wanted}"

    def sees_differences(self):
        lost = self.js("""() => resources().filter(({ sign, address, facts }) => sign !== " " && !(row(address) && isShown(row(address))
          && facts.flatMap((fact) => fact.text).every((text) => row(address).textContent.includes(text)))).map((each) => each.address)""")
        yield not lost, f"the differences of these resources are not shown: {', '.join(lost)}"
        yield self.js("() => resources().some((each) => each.sign !== ' ')"), "the page has no difference to show"


PLAN = [Reader.sees_the_summary_and_risks_first, Reader.filters_by_text, Reader.filters_by_sign, Reader.unfolds_and_folds_all,
        Reader.reads_on_a_phone, Reader.reads_in_dark_and_light, Reader.follows_the_graph_by_keyboard, Reader.follows_a_fragment]
LARGE = [Reader.sees_many_groups_folded, Reader.filters_many_groups_quickly]
DRIFT = [Reader.sees_differences, Reader.reads_in_dark_and_light]


def results(reader, promise, path):
    """What to say of each part of a promise: nothing if it holds."""
    try:
        reader.open(path)
        for holds, failure in promise(reader):
            yield "" if holds else f"{path.name}: {failure}"
    except (RuntimeError, TimeoutError) as error:
        yield f"{path.name}: cannot check that a reader {promise.__name__.replace('_', ' ')}: {error}"


def main(chromium, *pages):
    with (tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile,
          subprocess.Popen([chromium, *FLAGS, f"--user-data-dir={profile}"], stderr=subprocess.PIPE, text=True) as process):
        try:
            address = next((line.split()[-1] for line in process.stderr if "DevTools listening on" in line), None)
            threading.Thread(target=process.stderr.read, daemon=True).start()
            reader = Reader(connect(address or sys.exit(f"{chromium} did not start"), max_size=None, proxy=None))
            work = [(each, pathlib.Path(page).resolve()) for page, part in zip(pages, (PLAN, LARGE, DRIFT), strict=True) for each in part]
            found = [result for promise, path in work for result in results(reader, promise, path)]
        finally:
            process.terminate()
    found += reader.noise or [""]
    print("\n".join(filter(None, found)) or f"ok: {len(found)} checks")
    return 1 if any(found) else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
