// What pages do in the browser beyond links and forms. Without it everything still works, with one more click.
const theme = "llmobserve-theme";

// Filters take effect when they change.
for (const form of document.querySelectorAll("form[data-submit-on-change]")) {
  const send = () => {
    // What is empty, or so anyway, says nothing: the address stays short.
    for (const field of form.elements) if (field.name && (!field.value || field.value === field.dataset.default)) field.disabled = true;
    form.submit();
    for (const field of form.elements) field.disabled = false;
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send();
  });
  form.addEventListener("change", (event) => {
    const dates = form.querySelector("[data-shown-for]");
    if (event.target.name === "range" && event.target.value === "custom" && dates) {
      dates.hidden = false;
      dates.querySelector("input").focus();
      return;
    }
    if (event.target.type === "date" && [...form.querySelectorAll("input[type=date]")].some((field) => !field.value)) return;
    if (event.target.name === "range") for (const field of form.querySelectorAll("input[type=date]")) field.value = "";
    send();
  });
  form.querySelector("button[type=submit]").hidden = true;
}

// Names that are in use are offered while one types.
for (const field of document.querySelectorAll("input[data-known]")) {
  let soon = 0;
  const offer = async () => {
    const text = field.value;
    // A form may choose what kind of name it is in another field.
    const kind = field.dataset.knownBy ? field.form.elements[field.dataset.knownBy].value : field.dataset.known;
    const answer = await fetch(`/names/${encodeURIComponent(kind)}?q=${encodeURIComponent(text)}`, { headers: { accept: "application/json" } }).catch(() => null);
    // What is no list is the page for signing in.
    const isList = answer?.ok && answer.headers.get("content-type")?.startsWith("application/json");
    const names = isList ? await answer.json() : [];
    if (field.value === text) field.list.replaceChildren(...names.map((name) => Object.assign(document.createElement("option"), { value: name })));
  };
  // One question for what is typed in one go.
  const offerSoon = () => {
    clearTimeout(soon);
    soon = setTimeout(offer, 150);
  };
  field.addEventListener("focus", offerSoon);
  field.addEventListener("input", offerSoon);
}

// A note follows the pointer over charts; the same stands in a table below them.
const tip = document.getElementById("tip");
if (tip) {
  document.addEventListener("pointermove", (event) => {
    const text = event.target.closest?.("[data-tip]")?.dataset.tip;
    tip.hidden = !text;
    if (!text) return;
    if (tip.dataset.text !== text) {
      tip.dataset.text = text;
      tip.replaceChildren(...text.split("\n").map((line) => {
        const row = document.createElement("p");
        row.append(...line.split("\t").map((cell) => Object.assign(document.createElement("span"), { textContent: cell })));
        return row;
      }));
    }
    const box = tip.getBoundingClientRect();
    const left = event.clientX + 14 + box.width > innerWidth ? event.clientX - box.width - 14 : event.clientX + 14;
    tip.style.left = `${Math.max(4, left)}px`;
    tip.style.top = `${Math.max(4, Math.min(event.clientY + 14, innerHeight - box.height - 4))}px`;
  });
  document.addEventListener("pointerleave", () => (tip.hidden = true));
}

// What takes a while says so: a line runs along the top until the next page is there.
const working = () => (document.documentElement.dataset.working = "");
document.addEventListener("submit", (event) => event.defaultPrevented || event.target.method === "dialog" || working());
addEventListener("beforeunload", () => document.activeElement?.closest?.("a[download]") || working());
addEventListener("pageshow", () => delete document.documentElement.dataset.working);

// Light or dark, as the person says; else as their system does.
for (const button of document.querySelectorAll("[data-theme-switch]")) {
  button.hidden = false;
  button.addEventListener("click", () => {
    const dark = document.documentElement.dataset.theme
      ? document.documentElement.dataset.theme === "dark"
      : matchMedia("(prefers-color-scheme: dark)").matches;
    const next = dark ? "light" : "dark";
    document.documentElement.dataset.theme = next;
    document.cookie = `${theme}=${next}; path=/; max-age=31536000; samesite=lax`;
  });
}

// Menus close where one clicks elsewhere or presses Escape.
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) if (!menu.contains(event.target)) menu.open = false;
});

// On a narrow screen the pages stand in a row that scrolls.
document.querySelector(".side [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });

// Keys: g and a letter goes to a page, / searches, ? lists them. Who speaks to the browser, or presses keys by mistake, switches them off.
const keysWord = "llmobserve-keys";
const keysBox = document.querySelector("[data-keys]");
if (keysBox) {
  keysBox.checked = localStorage.getItem(keysWord) !== "off";
  keysBox.closest("label").hidden = false;
  keysBox.addEventListener("change", () => localStorage.setItem(keysWord, keysBox.checked ? "on" : "off"));
}
let after = 0;
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") for (const menu of document.querySelectorAll("details.menu[open]")) { menu.open = false; menu.querySelector("summary").focus(); }
  const typing = event.target.closest?.("input, select, textarea, [contenteditable]");
  if (typing || !keysBox?.checked || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "/") {
    const search = document.querySelector("[data-search]");
    if (search) { event.preventDefault(); search.focus(); search.select(); }
  } else if (event.key === "?") {
    document.getElementById("keys")?.showModal();
  } else if (event.key === "g") {
    after = event.timeStamp;
  } else if (after && event.timeStamp - after < 1500) {
    after = 0;
    document.querySelector(`nav a[data-key="${CSS.escape(event.key)}"]`)?.click();
  }
});
