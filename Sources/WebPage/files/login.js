// The token stands behind the # of the link, which browsers send to nobody.
const state = document.getElementById("login-state");

async function enter() {
  const token = location.hash.slice(1);
  if (!token) return;
  // A link is good once: nothing of it stays in the history.
  history.replaceState(null, "", "/login");
  state.textContent = state.dataset.busy;
  try {
    const answer = await fetch("/login", {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-Gsmbridge": "page" },
      body: JSON.stringify({ token }),
    });
    if (answer.ok) return location.replace("/");
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

addEventListener("hashchange", enter);
enter();
