"""Open pages that trueup wrote (`--output html=...`) in a real browser, and check what they promise to a reader.

    drive.py CHROMIUM PLAN.html LARGE.html DRIFT.html

PLAN has a few functions, one of them `orders` with an alias `live` of its version, and a risk. LARGE has the functions fn-0000
to fn-1999. DRIFT has a difference. Prints each promise that does not hold and exits with 1, else prints how many were checked.
"""

import json
import pathlib
import re
import subprocess
import sys
import tempfile
import time
import urllib.parse

from websockets.sync.client import connect

PATIENCE = 60  # Seconds to wait for Chromium.

# What the scripts below share. `isSeen` means that all of an element is in the window and nothing covers it.
HELPERS = """
const [ALIAS, VERSION] = ["alias/orders/live", "version/orders"];
const $ = (selector) => document.querySelector(selector);
const $$ = (selector) => [...document.querySelectorAll(selector)];
const data = () => JSON.parse($("#data").textContent).targets[0];
const resources = () => data().groups.flatMap((group) => group.resources);
const isShown = (element) => element.checkVisibility({ opacityProperty: true, visibilityProperty: true });
const shown = (selector) => $$(selector).filter(isShown).map((element) => element.dataset.group ?? element.dataset.address);
const isSeen = (element) => {
  const { left, right, top, bottom, width, height } = element.getBoundingClientRect();
  const isInside = width > 0 && height > 0 && left >= 0 && top >= 0 && right <= innerWidth && bottom <= innerHeight;
  return isInside && isShown(element) && element.contains(document.elementFromPoint(left + width / 2, top + height / 2));
};
const nodeOf = (address) => $(`#graph .node[data-address="${address}"]`);
const edgeOf = (from, to) => $$("#graph .edge").find((path) => [[to, 0], [from, path.getTotalLength()]].every(([end, at]) => {
  const [{ x, y }, box] = [path.getPointAtLength(at), nodeOf(end).querySelector("rect").getBBox()];
  return x > box.x - 2 && x < box.x + box.width + 2 && y > box.y && y < box.y + box.height;
}));
const nextFrame = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
"""


class Browser:
    """A tab of Chromium. `noise` has what its pages did that no page of trueup may do."""

    def __init__(self, socket):
        self.socket, self.last_id, self.session, self.path, self.noise = socket, 0, {}, None, []
        tab = self.call("Target.createTarget", url="about:blank")
        self.session = self.call("Target.attachToTarget", **tab, flatten=True)
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")

    def call(self, method, **parameters):
        self.last_id += 1
        self.socket.send(json.dumps({"id": self.last_id, "method": method, "params": parameters, **self.session}))
        while (message := json.loads(self.socket.recv(timeout=PATIENCE))).get("id") != self.last_id:
            self.note(message.get("method", ""), message.get("params", {}))
        if "error" in message:
            raise RuntimeError(f"{method}: {message['error']['message']}")
        return message["result"]

    def note(self, event, about):
        url = about.get("request", about).get("url", "")
        is_error = about.get("type") in ("error", "assert") or about.get("entry", {}).get("level") == "error"
        if event == "Network.requestWillBeSent" and urllib.parse.unquote(url) != f"file://{self.path}":
            self.noise.append((self.path, f"the page requests {url}"))
        if event in ("Runtime.exceptionThrown", "Network.webSocketCreated") or is_error and event[:4] in ("Runt", "Log."):
            self.noise.append((self.path, f"the page causes {event}: {json.dumps(about)[:400]}"))

    def open(self, path, fragment="", width=1280, scheme="light"):
        self.call("Page.navigate", url="about:blank")
        self.path = path
        size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 500}
        self.call("Emulation.setDeviceMetricsOverride", **size)
        self.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
        self.call("Page.navigate", url=path.as_uri() + fragment)
        self.js("() => new Promise((done) => document.readyState === 'complete' ? done() : addEventListener('load', done))")
        self.js("nextFrame")

    def js(self, function, *arguments):
        code = f"(() => {{ {HELPERS} return ({function})({', '.join(map(json.dumps, arguments))}); }})()"
        answer = self.call("Runtime.evaluate", expression=code, awaitPromise=True, returnByValue=True)
        if details := answer.get("exceptionDetails"):
            raise RuntimeError(details.get("exception", {}).get("description", details["text"]).split("\n")[0])
        return answer["result"].get("value")

    def click(self, selector):
        self.js("(selector) => $(selector).scrollIntoView({ block: 'center' })", selector)
        if not self.js("(selector) => isSeen($(selector))", selector):
            raise RuntimeError(f"nobody can click {selector}: it is outside the window, hidden or covered")
        self.js("(selector) => { $(selector).focus(); $(selector).click(); }", selector)

    def press(self, key, code):
        for event in ("rawKeyDown", "keyUp"):
            self.call("Input.dispatchKeyEvent", type=event, key=key, code=key, windowsVirtualKeyCode=code)


def summary_and_risks_come_first(browser, path):
    browser.open(path)
    yield browser.js("() => isSeen($('#summary')) && $('#summary').textContent === data().summary"), "the summary is not shown"
    unseen = browser.js("""() => data().risks.map((risk) => risk.message)
      .filter((text) => !$$("#risks li").some((line) => isSeen(line) && line.textContent.includes(text)))""")
    yield not unseen, f"without scrolling at 1280x900, these risks are not seen: {'; '.join(unseen)}"
    is_above = browser.js("() => isSeen($('#risks h2')) && $('#risks').getBoundingClientRect().bottom <= $('.group').getBoundingClientRect().top")
    yield is_above, "the risks do not come before the groups"


def text_filters(browser, path, width=1280):
    browser.open(path, width=width)
    before = browser.js("() => shown('.group')")
    browser.click("#filter")
    browser.call("Input.insertText", text="orders")
    after = browser.js("() => shown('.group')")
    yield "orders" in after, f"at {width} px, typing `orders` into the filter hides the group orders"
    others = browser.js("() => $$('.group').filter((group) => !/orders/i.test(group.textContent)).map((group) => group.dataset.group)")
    yield others and not set(others) & set(after), f"at {width} px, typing `orders` should hide the groups {others}, but shows {after}"
    browser.js("() => $('#filter').select()")
    browser.press("Backspace", 8)
    yield browser.js("() => shown('.group')") == before, f"at {width} px, clearing the filter does not show all groups again"


def sign_filters(browser, path):
    browser.open(path)
    before = browser.js("() => shown('.resource')")
    sign = browser.js("() => ['+', '~'].find((sign) => resources().some((resource) => resource.sign === sign))")
    wanted = browser.js("(sign) => resources().filter((row) => row.sign === sign).map((row) => row.address)", sign)
    browser.click(f"[data-sign-filter='{sign}']")
    after = browser.js("() => shown('.resource')")
    yield after == wanted != before, f"the button {sign} shows {after}, not {wanted}"
    browser.click(f"[data-sign-filter='{sign}']")
    yield browser.js("() => shown('.resource')") == before, f"a second click on the button {sign} does not show all resources again"


def all_unfold_and_fold(browser, path):
    browser.open(path)
    browser.click("#collapse")
    yield browser.js("() => shown('.resource').length === 0"), "Collapse all leaves a group open"
    browser.click("#expand")
    yield browser.js("() => shown('.resource').length === resources().length"), "Expand all leaves a group folded"


def many_groups_start_folded(browser, path):
    browser.open(path)
    yield browser.js("() => shown('.group').length") == 2000, "the large page does not show 2,000 groups"
    open_ones = browser.js("() => $$('.group[open]').filter((group) => !group.querySelector('.risk')).length")
    yield open_ones == 0, f"{open_ones} groups of the large page are open at first, and have no risk to show"


def fits_a_phone(browser, path):
    browser.open(path, width=360)
    browser.js("() => $$('details').forEach((details) => { details.open = true; })")
    width = browser.js("() => document.documentElement.scrollWidth")
    yield width <= 360, f"at 360 px, the page scrolls sideways: it is {width} px wide"
    outside = browser.js("""() => $$("#page *").filter((element) => isShown(element) && !element.closest(".scroll"))
      .filter((element) => [element, ...element.childNodes].some((node) => {
        const range = new Range();
        range.selectNode(node);
        const { left, right } = node === element || node.nodeType === Node.TEXT_NODE ? range.getBoundingClientRect() : {};
        return left < -1 || right > 361;
      })).map((element) => `<${element.localName} class="${element.className}"> ${element.textContent.slice(0, 30)}`)""")
    yield not outside, f"at 360 px, these stick out: {outside[-3:]}"


def is_dark_and_light(browser, path):
    backgrounds = set()
    for scheme in ("dark", "light"):
        browser.open(path, scheme=scheme)
        page, *colours = browser.js("""() => {
          const back = (element) => [getComputedStyle(element).backgroundColor].find((colour) => !/, 0\\)$/.test(colour))
            ?? (element.parentElement ? back(element.parentElement) : "rgb(255, 255, 255)");
          return [back(document.body), back($("#summary")), getComputedStyle($("#summary")).color];
        }""")
        darker, lighter = sorted(luminance(colour) for colour in colours)
        contrast = (lighter + 0.05) / (darker + 0.05)
        yield contrast >= 4.5, f"in {scheme} colours, the contrast of the summary is {contrast:.1f}, below 4.5"
        backgrounds.add(page)
    yield len(backgrounds) == 2, f"dark and light have the same background: {backgrounds}"


def luminance(colour):
    parts = [int(part) / 255 for part in re.fullmatch(r"rgb\((\d+), (\d+), (\d+)\)", colour).groups()]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def graph_follows_the_keyboard(browser, path):
    browser.open(path)
    yield browser.js("() => [ALIAS, VERSION].every((address) => isShown(nodeOf(address)))"), "the graph lacks the alias or the version"
    yield browser.js("() => Boolean(edgeOf(ALIAS, VERSION))"), "the graph has no edge between the alias and the version"
    look = "() => [nodeOf(ALIAS).querySelector('rect'), edgeOf(ALIAS, VERSION)].map((part) => getComputedStyle(part).strokeWidth)"
    before = browser.js(look)
    browser.js("() => $('#graph summary').focus()")
    for _ in range(browser.js("() => $$('#graph .node').length + 2")):
        browser.press("Tab", 9)
        if browser.js("() => document.activeElement === nodeOf(ALIAS)"):
            break
    else:
        yield False, "the Tab key does not reach the alias in the graph"
    thicker = [float(now[:-2]) > float(then[:-2]) for now, then in zip(browser.js(look), before)]
    yield all(thicker), "the graph does not highlight the alias and its edge when the alias has the focus"
    yield browser.js("() => $('.chosen-text').textContent.includes(VERSION)"), "no text says what the focused alias depends on"


