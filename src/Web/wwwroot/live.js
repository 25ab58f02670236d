// Keeps the figures of a page live: the server says that something changed, and the parts of the page that are marked are fetched again.
// At most one fetch runs, and the next waits the longer the slower the last one was: a slow server is asked less often.
const state = document.querySelector("[data-live-state]");
const pause = 5000;
const words = { on: "Live", waiting: "Reconnecting…", off: "Paused" };
// A server that does not answer is asked no longer than this for one page.
const patience = 30000;
const isTyped = (field) => field.value !== field.defaultValue && ["INPUT", "TEXTAREA"].includes(field.tagName) && field.type !== "hidden";
const typedIn = (part) => [...part.querySelectorAll("input, textarea")].filter(isTyped);

if (state && document.querySelector("[data-live]")) {
  let stream = null;
  let busy = false;
  let due = false;
  let tries = 0;
  let hide = 0;
  let again = 0;
  let retry = 0;
  let failures = 0;

  const show = (name) => {
    state.hidden = false;
    state.dataset.liveState = name;
    if (state.textContent !== words[name]) state.textContent = words[name];
  };

  const open = () => {
    clearTimeout(again);
    stream?.close();
    stream = new EventSource("/live");
    const changed = () => {
      tries = 0;
      if (!failures) show("on");
      refresh();
    };
    stream.addEventListener("hello", changed);
    stream.addEventListener("change", changed);
    stream.addEventListener("error", () => {
      show("waiting");
      // The browser tries again by itself, unless the server refused.
      if (stream.readyState === EventSource.CLOSED) {
        tries += 1;
        again = setTimeout(() => { refresh(); open(); }, wait(tries));
      }
    });
  };

  document.addEventListener("visibilitychange", () => {
    clearTimeout(hide);
    if (document.visibilityState === "visible") {
      if (!stream) open();
    } else {
      // Nobody looks: a hidden page takes no connection. Browsers have six for each server.
      hide = setTimeout(() => {
        clearTimeout(again);
        clearTimeout(retry);
        stream?.close();
        stream = null;
        show("off");
      }, pause);
    }
  });

  const wait = (times) => Math.min(30000, 1000 * 2 ** times) * (0.5 + Math.random() / 2);

  const refresh = async () => {
    clearTimeout(retry);
    due = true;
    if (busy) return;
    busy = true;
    while (due) {
      due = false;
      const began = performance.now();
      try {
        await fetchParts();
        failures = 0;
        if (stream?.readyState === EventSource.OPEN) show("on");
      } catch {
        // The stream may be well, and silent for long: figures that could not be fetched are asked for again, whatever it says.
        failures += 1;
        if (stream) {
          show("waiting");
          clearTimeout(retry);
          retry = setTimeout(refresh, wait(failures));
        }
      }
      const took = performance.now() - began;
      if (due) await new Promise((go) => setTimeout(go, Math.max(0, Math.max(1000, 5 * took) - took)));
    }
    busy = false;
  };

  const fetchParts = async () => {
    const here = document.querySelector("[data-live-from]")?.dataset.liveFrom ?? location.href;
    // A page that answers a form has an address of its own to look at; to load it again would send the form again.
    const reload = () => (here === location.href ? location.reload() : location.assign(here));
    const answer = await fetch(here, { headers: { accept: "text/html" }, cache: "no-store", signal: AbortSignal.timeout(patience) });
    if (new URL(answer.url).pathname !== new URL(here, location.href).pathname) {
      // Sent elsewhere: signed out, or moved.
      reload();
      return;
    }
    if (!answer.ok) throw new Error(String(answer.status));
    const next = new DOMParser().parseFromString(await answer.text(), "text/html");
    // The API behind the page did not answer: what is shown stays until it does.
    if (next.querySelector("[data-problem]") && !document.querySelector("[data-problem]")) throw new Error("problem");
    // Another tab has opened another account: nothing of that belongs between what is shown here.
    if (state.dataset.account && next.querySelector("[data-account]")?.dataset.account !== state.dataset.account) {
      reload();
      return;
    }
    // What is new or gone on the whole page is shown by loading it again; what only moved is replaced in its place.
    const names = (page) => [...page.querySelectorAll("[data-live]")].map((part) => part.id).join();
    if (names(document) !== names(next)) {
      const isBusy = document.querySelector("dialog[open]") || ["INPUT", "SELECT", "TEXTAREA"].includes(document.activeElement?.tagName) || typedIn(document).length > 0;
      if (!isBusy) reload();
      return;
    }
    for (const part of next.querySelectorAll("[data-live]")) replace(document.getElementById(part.id), part);
    document.dispatchEvent(new CustomEvent("live-refreshed"));
  };

  const replace = (old, part) => {
    // What is open stays open, by its name where it has one: in a list that grows, places move.
    const name = (details, i) => details.dataset.key ?? i;
    const opened = new Map([...old.querySelectorAll("details")].map((details, i) => [name(details, i), details.open]));
    part.querySelectorAll("details").forEach((details, i) => (details.open = opened.get(name(details, i)) ?? details.open));
    if (old.isEqualNode(part)) return;
    const active = old.contains(document.activeElement) ? document.activeElement : null;
    if (active && ["INPUT", "SELECT", "TEXTAREA"].includes(active.tagName)) return;
    for (const field of typedIn(old)) {
      const same = [...part.querySelectorAll("input, textarea")].find((other) => other.name === field.name && other.type === field.type);
      if (same) same.value = field.value;
    }
    const focused = active ? [...old.querySelectorAll("a,button,summary,[tabindex]")].indexOf(active) : -1;
    const key = active?.closest("summary")?.parentElement.dataset.key;
    const scrolled = [...old.querySelectorAll(".scroll")].map((box) => [box.scrollLeft, box.scrollTop]);
    old.replaceWith(part);
    part.querySelectorAll(".scroll").forEach((box, i) => scrolled[i] && box.scrollTo(...scrolled[i]));
    if (key !== undefined) part.querySelector(`details[data-key="${CSS.escape(key)}"] > summary`)?.focus({ preventScroll: true });
    else if (focused >= 0) [...part.querySelectorAll("a,button,summary,[tabindex]")][focused]?.focus({ preventScroll: true });
  };

  // A tab that was opened behind others takes no connection before somebody looks at it.
  if (document.visibilityState === "visible") open();
  else show("off");
}
