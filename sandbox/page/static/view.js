// What of the page is shown: one platform, the other, both, and beside them what happens inside. Remembered by the browser.

import { remember, remembered } from "./memory.js";

const NARROW = matchMedia("(max-width: 60rem)");
const WIDE = matchMedia("(min-width: 94rem)");
const PLATFORMS = ["slack", "discord", "both"];
const KEPT = "parley-sandbox-view";

export class View {
  constructor(body) {
    this.body = body;
    this.buttons = new Map([...PLATFORMS, "inside"].map((name) => [name, document.getElementById(`show-${name}`)]));
    const kept = remembered(KEPT);
    this.platform = PLATFORMS.includes(kept.platform) ? kept.platform : WIDE.matches ? "both" : "slack";
    this.beside = kept.beside ?? true;
    this.onlyInside = false;
    for (const name of PLATFORMS) this.buttons.get(name).addEventListener("click", () => this.choose(name));
    this.buttons.get("inside").addEventListener("click", () => this.toggleInside());
    NARROW.addEventListener("change", () => this.draw());
    this.draw();
  }

  choose(platform) {
    this.platform = platform;
    this.onlyInside = false;
    this.draw();
  }

  // The platform is seen, alone or beside the other one.
  reveal(platform) {
    if (this.shown() !== "both" && this.shown() !== platform) this.choose(platform);
  }

  toggleInside() {
    if (NARROW.matches) this.onlyInside = true;
    else this.beside = !this.beside;
    this.draw();
  }

  shown() {
    if (!NARROW.matches) return this.platform;
    return this.onlyInside ? "inside" : this.platform === "both" ? "slack" : this.platform;
  }

  draw() {
    const shown = this.shown();
    this.body.dataset.view = shown;
    this.body.dataset.inside = this.beside ? "shown" : "hidden";
    for (const name of PLATFORMS) this.buttons.get(name).setAttribute("aria-pressed", String(name === shown));
    this.buttons.get("inside").setAttribute("aria-pressed", String(NARROW.matches ? shown === "inside" : this.beside));
    remember(KEPT, { platform: this.platform, beside: this.beside });
  }
}
