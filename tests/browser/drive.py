"""Open pages that trueup wrote (`--output html=...`) in a real browser, and check what they promise to a reader.

    drive.py CHROMIUM PLAN.html LARGE.html DRIFT.html

PLAN has a few functions, one of them `orders` with an alias `live` of its version, and a risk. LARGE has the functions fn-0000
to fn-1999. DRIFT has a difference. Prints each promise that does not hold and exits with 1, else prints how many were checked.
"""

import json
import pathlib
import subprocess
import sys
import tempfile
import threading

from websockets.sync.client import connect

FLAGS = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--remote-debugging-port=0"]
ALIAS, VERSION = "alias/orders/live", "version/orders"

# What the scripts below share. `isSeen` means that all of an element is in the window and nothing covers it.
HELPERS = """
const $ = (selector) => document.querySelector(selector);
const $$ = (selector) => [...document.querySelectorAll(selector)];
const data = () => JSON.parse($("#data").textContent).targets[0];
const resources = () => data().groups.flatMap((group) => group.resources);
const isShown = (element) => element.checkVisibility({ opacityProperty: true, visibilityProperty: true });
const shown = (selector) => $$(selector).filter(isShown).map((element) => element.dataset.group ?? element.dataset.address);
const box = (element) => element.getBoundingClientRect();
const isSeen = (element) => {
  const { left, right, top, bottom, width, height } = box(element);
  const isInside = width > 0 && height > 0 && left >= 0 && top >= 0 && right <= innerWidth && bottom <= innerHeight;
  return isInside && isShown(element) && element.contains(document.elementFromPoint(left + width / 2, top + height / 2));
};
const row = (address) => $(`.resource[data-address="${CSS.escape(address)}"]`);
const node = (address) => $(`#graph .node[data-address="${CSS.escape(address)}"] rect`);
const edge = (from, to) => $$("#graph .edge").find((path) => [[to, 0], [from, path.getTotalLength()]].every(([end, at]) => {
  const [point, { x, y, width, height }] = [path.getPointAtLength(at), node(end).getBBox()];
  return point.x > x - 2 && point.x < x + width + 2 && point.y > y && point.y < y + height;
}));
const back = ({ parentElement: parent }, colour) => (/, 0\\)$/.test(colour) && parent ? back(parent, getComputedStyle(parent).backgroundColor) : colour);
const linear = (part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
const light = (colour) => colour.match(/\\d+/g).reduce((sum, part, at) => sum + linear(part / 255) * [0.2126, 0.7152, 0.0722][at], 0.05);
const loaded = () => new Promise((done) => (document.readyState === "complete" ? done() : addEventListener("load", done)));
const painted = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
"""


class Browser:
    """A tab of Chromium. `noise` has what the page did that no page of trueup may do."""

    def __init__(self, socket):
        self.socket, self.last_id, self.session, self.path, self.noise = socket, 0, {}, None, []
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
        is_leaving = event == "Network.requestWillBeSent" and about["request"]["url"] != self.path.as_uri()
        is_error = "error" in (about.get("type"), about.get("entry", {}).get("level")) and event.startswith(("Runtime", "Log"))
        if is_leaving or is_error or event in ("Runtime.exceptionThrown", "Network.webSocketCreated"):
            self.noise.append(f"the page causes {event}: {json.dumps(about.get('request', about))[:300]}")

    def open(self, path, fragment="", width=1280, scheme="light"):
        self.call("Page.navigate", url="about:blank")
        self.path, self.width = path, width
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=width < 500)
        self.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
        self.call("Page.navigate", url=path.as_uri() + fragment)
        self.js("() => loaded().then(painted)")

    def js(self, function, *arguments):
        code = f"(() => {{ {HELPERS} return ({function})({', '.join(map(json.dumps, arguments))}); }})()"
        answer = self.call("Runtime.evaluate", expression=code, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(answer["exceptionDetails"]["exception"]["description"].split("\n")[0])
        return answer["result"].get("value")

    def click(self, selector):
        self.js("(selector) => $(selector).scrollIntoView({ block: 'center' })", selector)
        if not self.js("(selector) => isSeen($(selector))", selector):
            raise RuntimeError(f"nobody can click {selector}, because it is outside the window, hidden or covered")
        self.js("(selector) => { $(selector).focus(); $(selector).click(); }", selector)

    def press(self, key, code):
        for event in ("rawKeyDown", "keyUp"):
            self.call("Input.dispatchKeyEvent", type=event, key=key, code=key, windowsVirtualKeyCode=code)


class Reader(Browser):
    """Checks one promise with each method, on the page that is open. Each yields whether something holds, and what if not."""

    def sees_the_summary_and_risks_first(self):
        yield self.js("() => isSeen($('#summary')) && $('#summary').textContent === data().summary"), "the summary is not shown"
        unseen = self.js("""() => data().risks.map((risk) => risk.message)
          .filter((text) => !$$("#risks li").some((line) => isSeen(line) && line.textContent.includes(text)))""")
        yield not unseen, f"without scrolling at 1280x900, these risks are not seen: {'; '.join(unseen)}"
        is_above = self.js("() => isSeen($('#risks h2')) && box($('#risks')).bottom <= box($('.group')).top")
        yield is_above, "the risks do not come before the groups"

    def filters_by_text(self):
        before = self.js("() => shown('.group')")
        self.click("#filter")
        self.call("Input.insertText", text="orders")
        after = self.js("() => shown('.group')")
        wrong = self.js("() => $$('.group').filter((group) => isShown(group) && !/orders/i.test(group.textContent)).length")
        is_right = "orders" in after and len(after) < len(before) and wrong == 0
        yield is_right, f"at {self.width} px, the filter `orders` shows the groups {after} of {before}"
        self.js("() => $('#filter').select()")
        self.press("Backspace", 8)
        yield self.js("() => shown('.group')") == before, f"at {self.width} px, clearing the filter does not show all groups again"

    def filters_by_sign(self):
        before = self.js("() => shown('.resource')")
        sign = self.js("() => ['+', '~'].find((sign) => resources().some((resource) => resource.sign === sign))")
        wanted = self.js("(sign) => resources().filter((row) => row.sign === sign).map((row) => row.address)", sign)
        self.click(f"[data-sign-filter='{sign}']")
        after = self.js("() => shown('.resource')")
        yield after == wanted != before, f"the button {sign} shows {after}, not {wanted}"
        self.click(f"[data-sign-filter='{sign}']")
        yield self.js("() => shown('.resource')") == before, f"a second click on the button {sign} does not show all again"

    def unfolds_and_folds_all(self):
        self.click("#collapse")
        yield self.js("() => shown('.resource').length === 0"), "Collapse all leaves a group open"
        self.click("#expand")
        yield self.js("() => shown('.resource').length === resources().length"), "Expand all leaves a group folded"

    def sees_many_groups_folded(self):
        yield self.js("() => shown('.group').length") == 2000, "the large page does not show 2,000 groups"
        open_ones = self.js("() => $$('.group[open]').filter((group) => !group.querySelector('.risk')).length")
        yield open_ones == 0, f"{open_ones} groups of the large page start open without a risk to show"

    def reads_on_a_phone(self):
        self.open(self.path, width=360)
        self.js("() => $$('details').forEach((details) => { details.open = true; })")
        width = self.js("() => document.documentElement.scrollWidth")
        yield width <= 360, f"at 360 px, the page scrolls sideways: it is {width} px wide"
        outside = self.js("""() => $$("#page *").filter((element) => {
          const range = new Range(); // Its box has the element and all text in it.
          range.selectNode(element);
          const isOut = box(range).left < -1 || box(range).right > 361;
          return isOut && isShown(element) && !element.closest(".scroll") && !element.querySelector(".scroll");
        }).map((element) => `${element.localName}.${element.className} "${element.textContent.slice(0, 30)}"`)""")
        yield not outside, f"at 360 px, these stick out: {outside[-3:]}"

    def filters_on_a_phone(self):
        self.open(self.path, width=360)
        yield self.js("() => box($('#filter')).width") >= 120, "at 360 px, the filter is too narrow to type into"
        yield from self.filters_by_text()

    def reads_in_dark_and_light(self):
        backgrounds = set()
        for scheme in ("dark", "light"):
            self.open(self.path, scheme=scheme)
            colours = self.js("() => [back($('#summary'), ', 0)'), getComputedStyle($('#summary')).color]")
            dark, light = sorted(self.js("(colours) => colours.map(light)", colours))
            yield light / dark >= 4.5, f"in {scheme}, the summary has a contrast of {light / dark:.1f}, less than 4.5"
            backgrounds.add(colours[0])
        yield len(backgrounds) == 2, f"dark and light have the same background, {backgrounds}"

    def follows_the_graph_by_keyboard(self):
        drawn = self.js("(...ends) => ends.every(node) && Boolean(edge(...ends))", ALIAS, VERSION)
        yield drawn, f"the graph does not draw {ALIAS}, {VERSION} and an edge from one to the other"
        widths = "(...ends) => [node(ends[0]), edge(...ends)].map((part) => parseFloat(getComputedStyle(part).strokeWidth))"
        before = self.js(widths, ALIAS, VERSION)
        self.js("() => $('#graph summary').focus()")
        while self.js("(address) => $('#graph').contains(document.activeElement) && !document.activeElement.contains(node(address))", ALIAS):
            self.press("Tab", 9)
        yield all(map(float.__gt__, self.js(widths, ALIAS, VERSION), before)), "…"


