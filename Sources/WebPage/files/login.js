// The token stands behind the # of the link, which browsers send to nobody.
const state = document.getElementById("login-state");

async function enter() {
  const token = location.hash.slice(1);
  if (!token) return back();
  // A link is good once: nothing of it stays in the history.
  history.replaceState(null, "", "/login");
  state.textContent = state.dataset.busy;
  try {
    const answer = await fetch("/login", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ token }),
    });
    if (answer.ok) {
      localStorage.setItem("gsmbridge-key", (await answer.json()).key);
      // Other tabs listen by the session that was before.
      if ("BroadcastChannel" in window) new BroadcastChannel("gsmbridge").postMessage({ kind: "renew" });
      return location.replace("/");
    }
    const problem = await answer.json().catch(() => ({}));
    state.dataset.tone = "bad";
    state.textContent =
      answer.status === 429 ? state.dataset.many
      : (problem.detail ?? "").includes("used") ? state.dataset.used
      : answer.status === 403 ? state.dataset.over : state.dataset.failed;
  } catch {
    state.dataset.tone = "bad";
    state.textContent = state.dataset.failed;
  }
}

/** Who comes by a link of another site brings no cookie, and may be in all the same. */
async function back() {
  if (!localStorage.getItem("gsmbridge-key")) return;
  const answer = await fetch("/v1/status").catch(() => null);
  if (answer?.ok) location.replace("/");
}

addEventListener("hashchange", enter);
enter();
