// People sign in by Clerk: its script keeps the session's cookie on this site, which lives a minute, and shows its forms where a page has a place for them.
const meta = (name) => document.querySelector(`meta[name="${name}"]`)?.content;
const host = meta("clerk-host");
const place = document.querySelector("[data-clerk]");
const lately = "llmobserve-signed-in-at";
const tooSoon = 10_000;

const load = (file, attributes = {}) => new Promise((done, fail) => {
  const script = document.createElement("script");
  script.src = `https://${host}/npm/${file}`;
  script.crossOrigin = "anonymous";
  for (const [name, value] of Object.entries(attributes)) script.setAttribute(name, value);
  script.addEventListener("load", done);
  script.addEventListener("error", () => fail(new Error(`${file} did not come`)));
  document.head.append(script);
});

const say = (text) => {
  if (!place) return;
  const line = document.createElement("p");
  line.className = "note bad";
  line.setAttribute("role", "alert");
  line.textContent = text;
  place.replaceChildren(line);
};

const start = async () => {
  const back = place?.dataset.return ?? "/";
  const other = (path) => `${path}?return=${encodeURIComponent(back)}`;
  if (place) await load("@clerk/ui@1/dist/ui.browser.js");
  await load("@clerk/clerk-js@6/dist/clerk.browser.js", { "data-clerk-publishable-key": meta("clerk-key") });
  const clerk = window.Clerk;
  await clerk.load({
    ...(place && { ui: { ClerkUI: window.__internal_ClerkUICtor } }),
    signInUrl: other("/sign-in"),
    signUpUrl: other("/sign-up"),
    signInForceRedirectUrl: back,
    signUpForceRedirectUrl: back,
    afterSignOutUrl: "/sign-in",
  });
  signOut(clerk);
  if (!place) return;
  if (clerk.session) {
    // Signed in at Clerk, but its cookie was too old for the page that sent the person here: a new one, and back.
    // Sent here again at once: this server does not take the session, and going back would go round in circles.
    if (Date.now() - Number(sessionStorage.getItem(lately)) < tooSoon) {
      say("You are signed in at Clerk, but this server does not take your session. Sign out and in again; if that does not help, tell who runs it.");
      const button = Object.assign(document.createElement("button"), { type: "button", textContent: "Sign out" });
      button.addEventListener("click", () => clerk.signOut({ redirectUrl: "/sign-in" }));
      place.append(button);
      return;
    }
    sessionStorage.setItem(lately, String(Date.now()));
    await clerk.session.getToken({ skipCache: true });
    location.replace(back);
    return;
  }
  place.replaceChildren();
  if (place.dataset.clerk === "sign-up") clerk.mountSignUp(place, { routing: "hash" });
  else clerk.mountSignIn(place, { routing: "hash" });
};

// Signing out here signs out at Clerk, whose session it is.
const signOut = (clerk) => {
  for (const form of document.querySelectorAll('form[action="/sign-out"]')) {
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      await fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)) }).catch(() => {});
      await clerk.signOut({ redirectUrl: "/sign-in" });
    });
  }
};

if (host) start().catch(() => say("Clerk does not answer now, so nobody can sign in. Try again in a moment."));
