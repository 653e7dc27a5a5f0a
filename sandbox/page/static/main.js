// The page as a whole: two panes, which model answers, and how the bot's process stands.

import { Pane } from "./pane.js";

const byId = (id) => document.getElementById(id);
const BOT = {
  running: (bot) => (bot.starts > 1 ? `Parley runs (started ${bot.starts} times)` : "Parley runs"),
  stopped: () => "Parley is stopped",
  killed: () => "Parley was killed",
  exited: (bot) => `Parley ended with exit code ${bot.exit_code}; the terminal says why`,
};

function show(state) {
  byId("model-note").textContent = state.model?.note ?? "Parley is not started yet.";
  byId("model-note").dataset.kind = state.model?.kind ?? "";
  const bot = state.bot;
  byId("bot-state").textContent = bot ? BOT[bot.state](bot) : "Parley is not started from here";
  byId("bot-state").dataset.state = bot?.state ?? "";
  byId("restart-bot").hidden = !bot;
  byId("restart-bot").textContent = bot?.state === "running" ? "Restart Parley" : "Start Parley";
  byId("kill-bot").hidden = bot?.state !== "running";
}

function watch() {
  const source = new EventSource("/_sandbox/events");
  source.onmessage = (message) => show(JSON.parse(message.data));
  source.onerror = () => {
    byId("bot-state").textContent = "The sandbox does not answer";
    byId("bot-state").dataset.state = "lost";
  };
}

function press(button, path) {
  button.addEventListener("click", async () => {
    button.disabled = true;
    try {
      await fetch(path, { method: "POST" });
    } catch {
      byId("bot-state").textContent = "The sandbox does not answer";
    } finally {
      button.disabled = false;
    }
  });
}

function choose(platform) {
  document.body.dataset.shown = platform;
  for (const name of ["slack", "discord"]) byId(`show-${name}`).setAttribute("aria-pressed", String(name === platform));
}

for (const platform of ["slack", "discord"]) {
  new Pane(byId(platform), platform).start();
  byId(`show-${platform}`).addEventListener("click", () => choose(platform));
}
press(byId("restart-bot"), "/_sandbox/restart-bot");
press(byId("kill-bot"), "/_sandbox/kill-bot");
watch();
