// The list of suggestions above a text field: arrows choose, Enter and Tab take, Escape closes. What is suggested is
// asked of an `offer`; this module knows nothing of commands or people.

import { h } from "./dom.js";

export class Suggestions {
  // `offer(text)` answers, perhaps later, {heading, items: [{label, hint, insert}], from, eager} for the text before the
  // cursor, or null. `from` is where what is typed begins; `eager` means that Enter takes the first one.
  constructor(field, id, offer) {
    Object.assign(this, { field, offer, items: [], active: -1, asked: 0, fits: null });
    this.heading = h("p", { class: "small", id: `${id}-heading` });
    this.list = h("ul", { id, role: "listbox", "aria-labelledby": `${id}-heading` });
    this.element = h("div", { class: "suggestions", hidden: true }, this.heading, this.list);
    field.setAttribute("aria-autocomplete", "list");
    field.addEventListener("input", () => this.look());
    field.addEventListener("click", () => this.look());
    field.addEventListener("blur", () => this.close());
  }

  // Asks what fits the text before the cursor; the newest question wins.
  look() {
    const { selectionStart, selectionEnd, value } = this.field;
    if (selectionStart !== selectionEnd || !/[/@#:]/.test(value)) return this.close();
    this.ask(value.slice(0, selectionStart));
  }

  async ask(text) {
    const number = ++this.asked;
    const offered = await this.offer(text);
    const { value, selectionStart } = this.field;
    if (number !== this.asked || value.slice(0, selectionStart) !== text || document.activeElement !== this.field) return;
    if (!offered?.items.length && !offered?.heading) return this.close();
    this.fits = text;
    this.show(offered);
  }

  show({ heading, items, from, eager }) {
    const kept = this.items[this.active]?.label;
    Object.assign(this, { items, from, eager });
    this.heading.textContent = heading ?? "Suggestions";
    this.list.replaceChildren(...items.map((item, number) => this.option(item, number)));
    this.list.hidden = !items.length;
    this.element.hidden = false;
    this.field.setAttribute("role", "combobox");
    this.field.setAttribute("aria-expanded", "true");
    this.field.setAttribute("aria-controls", this.list.id);
    // What the arrows chose stays chosen as long as it is offered.
    const again = this.moved ? items.findIndex((item) => item.label === kept) : -1;
    this.choose(again >= 0 ? again : eager && items.length ? 0 : -1);
  }

  option(item, number) {
    const take = (event) => {
      event.preventDefault(); // the field keeps the focus
      this.take(number);
    };
    return h("li", { id: `${this.list.id}-${number}`, role: "option", onmousedown: take }, h("span", { class: "offer" }, item.label), item.hint && h("span", { class: "small" }, item.hint));
  }

  choose(number) {
    this.active = number;
    [...this.list.children].forEach((option, place) => option.setAttribute("aria-selected", String(place === number)));
    const chosen = this.list.children[number];
    if (!chosen) return this.field.removeAttribute("aria-activedescendant");
    this.field.setAttribute("aria-activedescendant", chosen.id);
    chosen.scrollIntoView({ block: "nearest" });
  }

  take(number) {
    const item = this.items[number];
    if (!item) return;
    const { field, from } = this;
    const rest = field.value.slice(field.selectionEnd);
    field.value = field.value.slice(0, from) + item.insert + rest;
    field.setSelectionRange(from + item.insert.length, from + item.insert.length);
    item.taken?.();
    this.close();
    this.look();
  }

  // True where the key was for the list. One that does not fit any more what is typed takes no Enter.
  key(event) {
    if (this.element.hidden || event.isComposing) return false;
    const fits = this.fits === this.field.value.slice(0, this.field.selectionStart);
    const most = this.items.length;
    if ((event.key === "ArrowDown" || event.key === "ArrowUp") && most) {
      this.moved = true;
      const step = event.key === "ArrowDown" ? 1 : -1;
      this.choose(this.active < 0 ? (step > 0 ? 0 : most - 1) : (this.active + step + most) % most);
    } else if (event.key === "Escape") this.close();
    else if (event.key === "Tab" && !event.shiftKey && most) this.take(Math.max(this.active, 0));
    else if (event.key === "Enter" && !event.shiftKey && this.active >= 0 && fits) this.take(this.active);
    else return false;
    event.preventDefault();
    return true;
  }

  close() {
    this.asked += 1;
    this.items = [];
    this.active = -1;
    this.moved = false;
    if (this.element.hidden) return;
    this.element.hidden = true;
    for (const name of ["role", "aria-expanded", "aria-controls", "aria-activedescendant"]) this.field.removeAttribute(name);
  }
}
