// The page as a whole: what is shown of it, which model answers, how the bot's process stands, and who is told what.

import { Inside } from "./inside.js";
import { ModelForm } from "./model.js";
import { Pane } from "./pane.js";
import { post, watchSandbox } from "./sandbox.js";
import { Tour } from "./tour.js";
import { View } from "./view.js";

const byId = (id) => document.getElementById(id);
const BOT = {
  running: (bot) => (bot.starts > 1 ? `Parley runs (started ${bot.starts} times)` : "Parley runs"),
  stopped: () => "Parley is stopped",
  killed: () => "Parley was killed",
  exited: (bot) => `Parley ended with exit code ${bot.exit_code}; the terminal says why`,
};

const view = new View(document.body);
const inside = new Inside(byId("inside"), { nameOf: (platform, channel) => panes[platform]?.world.names.channel(channel) });
const panes = Object.fromEntries(
  ["slack", "discord"].map((platform) => [platform, new Pane(byId(platform), platform, (event) => inside.onPlatform(platform, event))]),
);
const model = new ModelForm();
const tour = new Tour(byId("tour"), { panes, view, inside, model });
document.body.append(model.element);

function show(state) {
  const bot = state.bot;
  byId("model-note").textContent = state.model?.note ?? "Parley is not started yet.";
  byId("model-note").dataset.kind = state.model?.kind ?? "";
  byId("choose-model").textContent = `Model: ${state.model?.name ?? "…"}`;
  byId("bot-state").textContent = bot ? BOT[bot.state](bot) : "Parley is not started from here";
  byId("bot-state").dataset.state = bot?.state ?? "";
  byId("restart-bot").hidden = !bot;
  byId("restart-bot").textContent = bot?.state === "running" ? "Restart Parley" : "Start Parley";
  byId("kill-bot").hidden = bot?.state !== "running";
  model.show(state);
  inside.onState(state);
  tour.onState(state);
}

function lost() {
  byId("bot-state").textContent = "The sandbox does not answer";
  byId("bot-state").dataset.state = "lost";
}

function press(button, path) {
  button.addEventListener("click", async () => {
    button.disabled = true;
    if ((await post(path)).gone) lost();
    button.disabled = false;
  });
}

press(byId("restart-bot"), "/_sandbox/restart-bot");
press(byId("kill-bot"), "/_sandbox/kill-bot");
byId("choose-model").addEventListener("click", () => model.open());
byId("show-tour").addEventListener("click", () => tour.toggle());
for (const pane of Object.values(panes)) pane.start();
watchSandbox({ onState: show, onBegin: () => inside.begin(), onEvent: (event) => inside.onSandbox(event), onLost: lost });
