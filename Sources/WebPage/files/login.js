// The token stands behind the # of the link, which browsers send to nobody.
const state = document.getElementById("login-state");

function tell(text, tone = "bad") {
  state.dataset.tone = tone;
  state.textContent = text;
}

/** Brings what lets a browser in; the answer where it does not. */
async function bring(what) {
  tell(state.dataset.busy, "");
  try {
    const answer = await fetch("/login", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(what),
    });
    if (!answer.ok) return answer;
    localStorage.setItem("gsmbridge-key", (await answer.json()).key);
    // Other tabs listen by the session that was before.
    if ("BroadcastChannel" in window) new BroadcastChannel("gsmbridge").postMessage({ kind: "renew" });
    location.replace("/");
  } catch {
    tell(state.dataset.failed);
  }
  return null;
}

async function enter() {
  const token = location.hash.slice(1);
  if (!token) return back();
  // A link is good once: nothing of it stays in the history.
  history.replaceState(null, "", "/login");
  const answer = await bring({ token });
  if (!answer) return;
  const problem = await answer.json().catch(() => ({}));
  tell(
    answer.status === 429 ? state.dataset.many
    : (problem.detail ?? "").includes("used") ? state.dataset.used
    : answer.status === 403 ? state.dataset.over : state.dataset.failed,
  );
}

const form = document.getElementById("login-form");
form?.addEventListener("submit", async (event) => {
  event.preventDefault();
  const button = form.querySelector("button");
  if (button.getAttribute("aria-busy")) return;
  button.setAttribute("aria-busy", "true");
  const answer = await bring(Object.fromEntries(new FormData(form)));
  button.removeAttribute("aria-busy");
  if (!answer) return;
  tell(answer.status === 403 ? state.dataset.wrong : answer.status === 429 ? state.dataset.locked : state.dataset.failed);
  form.elements.password.value = "";
  form.elements.password.focus();
});

/** Who comes by a link of another site brings no cookie, and may be in all the same. */
async function back() {
  if (!localStorage.getItem("gsmbridge-key")) return;
  const answer = await fetch("/v1/status").catch(() => null);
  if (answer?.ok) location.replace("/");
}

addEventListener("hashchange", enter);
enter();
