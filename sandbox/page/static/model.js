// Which model answers: the scripted one, the small local one, or any that speaks chat completions.

import { h } from "./dom.js";
import { post } from "./sandbox.js";

const KNOWN = {
  "OpenAI": "https://api.openai.com/v1",
  "OpenRouter": "https://openrouter.ai/api/v1",
  "Ollama on this machine": "http://127.0.0.1:11434/v1",
  "llama.cpp on this machine": "http://127.0.0.1:8080/v1",
  "vLLM on this machine": "http://127.0.0.1:8000/v1",
};
const OWN = "Parley reads the same three from its settings: OPENAI_BASE_URL, OPENAI_API_KEY and OPENAI_MODEL. What you enter here is kept in the sandbox's memory only.";

export class ModelForm {
  constructor() {
    this.kinds = [
      ["demo", "The scripted demo", "No language model: always the same lively answers, good for the tour."],
      ["local", "The small local model", "SmolLM2 with 135 million parameters on this machine: it shows the plumbing, not wisdom."],
      ["given", "A real model", "Any address that speaks chat completions, with a key where it wants one."],
    ].map(([kind, label, about]) => ({ kind, input: h("input", { type: "radio", name: "kind", value: kind, onchange: () => this.onKind() }), label, about }));
    this.address = h("input", { id: "model-address", type: "url", list: "model-addresses", placeholder: KNOWN.OpenAI, autocomplete: "off" });
    this.key = h("input", { id: "model-key", type: "password", autocomplete: "off", placeholder: "sk-… (empty where none is needed)" });
    this.name = h("input", { id: "model-name", type: "text", autocomplete: "off", placeholder: "the model's name there" });
    this.own = h(
      "div",
      { class: "fields", hidden: true },
      h("label", {}, "Address", this.address),
      h("datalist", { id: "model-addresses" }, Object.entries(KNOWN).map(([label, value]) => h("option", { value, label }))),
      h("label", {}, "Key", this.key),
      h("label", {}, "Model", this.name),
      h("p", { class: "small" }, OWN),
    );
    this.error = h("p", { class: "error", role: "alert", hidden: true });
    this.use = h("button", { type: "submit" }, "Use it");
    const form = h("form", { onsubmit: (event) => this.onSubmit(event) }, h("h2", { id: "model-title" }, "Which model answers?"), ...this.kinds.map(choice), this.own, this.error, h("p", { class: "small" }, "Parley is restarted with its settings; nothing that was said is lost."), h("div", { class: "row" }, this.use, h("button", { type: "button", class: "quiet", onclick: () => this.element.close() }, "Cancel")));
    this.element = h("dialog", { id: "model-form", "aria-labelledby": "model-title" }, form);
    this.kind = "";
  }

  show(state) {
    this.kind = state.model?.kind ?? "";
  }

  open() {
    for (const { kind, input } of this.kinds) input.checked = kind === this.kind;
    this.fail(null);
    this.onKind();
    this.element.showModal();
  }

  onKind() {
    this.own.hidden = this.chosen() !== "given";
  }

  chosen() {
    return this.kinds.find(({ input }) => input.checked)?.kind;
  }

  fail(sentence) {
    this.error.textContent = sentence ?? "";
    this.error.hidden = !sentence;
  }

  // Answers {ok, error?}; Parley runs with that model when it is ok.
  async choose(wish) {
    return post("/_sandbox/model", wish);
  }

  async onSubmit(event) {
    event.preventDefault();
    this.fail(null);
    this.use.disabled = true;
    this.use.textContent = "Starting …";
    const done = await this.choose({ kind: this.chosen(), base_url: this.address.value, api_key: this.key.value, model: this.name.value });
    this.use.disabled = false;
    this.use.textContent = "Use it";
    if (done.ok) this.element.close();
    else this.fail(done.error);
  }
}

function choice({ input, label, about }) {
  return h("label", { class: "choice" }, input, h("span", {}, h("strong", {}, label), h("span", { class: "small" }, about)));
}
