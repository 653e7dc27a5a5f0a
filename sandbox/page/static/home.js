// Slack's App Home: a page of the bot for each person, shown as a place beside the conversations.

import { renderBlocks } from "./blocks.js";
import { h } from "./dom.js";
import { patch } from "./patch.js";

export class Home {
  // `press(view id, action id, chosen)` is for what can be pressed there.
  constructor(platform, { names, press }) {
    Object.assign(this, { names, press });
    this.about = { id: `${platform}-home`, class: "home", "aria-label": "Home of the app", tabindex: "0" };
    this.element = h("section", { ...this.about, hidden: true });
  }

  // The view as it is now; nothing where the bot has published none.
  show(view) {
    this.element.hidden = false;
    const context = { names: this.names(), press: (action, chosen) => this.press(view.id, action, chosen) };
    const inside = view ? renderBlocks(view.blocks, context) : [h("p", { class: "empty" }, "The app shows nothing on its Home tab.")];
    patch(this.element, h("section", this.about, h("div", { class: "body" }, inside)));
  }

  hide() {
    this.element.hidden = true;
  }
}
