// Files that a person is about to send: chosen, pasted or dropped, shown as a list from which each can be removed.

import { h } from "./dom.js";
import { sized } from "./pictures.js";

const PICTURE = /^image\/(png|jpeg|gif|webp)$/;

export class Tray {
  constructor(platform) {
    this.files = [];
    this.input = h("input", { type: "file", id: `${platform}-files`, class: "hidden", multiple: true, tabindex: "-1", "aria-label": "Files to send along", onchange: () => this.chosen() });
    this.button = h("button", { type: "button", class: "attach", "aria-label": "Attach files", title: "Attach files; or paste them, or drop them here", onclick: () => this.input.click() }, "+");
    this.element = h("ul", { class: "tray", "aria-label": "Files to send", hidden: true });
  }

  chosen() {
    this.add([...this.input.files]);
    this.input.value = "";
  }

  add(files) {
    this.files.push(...files);
    this.draw();
  }

  remove(file) {
    this.files = this.files.filter((one) => one !== file);
    this.draw();
    this.button.focus();
  }

  // The files, which are no longer here.
  taken() {
    const files = this.files;
    this.files = [];
    this.draw();
    return files;
  }

  pastedInto(field) {
    field.addEventListener("paste", (event) => this.take(event, event.clipboardData));
  }

  droppedOn(place) {
    place.addEventListener("dragover", (event) => {
      if (![...event.dataTransfer.types].includes("Files")) return;
      event.preventDefault();
      place.classList.add("dropping");
    });
    place.addEventListener("dragleave", (event) => place.contains(event.relatedTarget) || place.classList.remove("dropping"));
    place.addEventListener("drop", (event) => {
      place.classList.remove("dropping");
      this.take(event, event.dataTransfer);
    });
  }

  take(event, carried) {
    if (!carried?.files.length) return;
    event.preventDefault();
    this.add([...carried.files]);
  }

  draw() {
    this.element.hidden = !this.files.length;
    this.element.replaceChildren(...this.files.map((file) => this.item(file)));
  }

  item(file) {
    const remove = h("button", { type: "button", class: "quiet", "aria-label": `Remove ${file.name}`, onclick: () => this.remove(file) }, "✕");
    const item = h("li", {}, h("span", {}, file.name), h("span", { class: "small" }, sized(file.size)), remove);
    if (PICTURE.test(file.type)) preview(file, item);
    return item;
  }
}

function preview(file, item) {
  const reader = new FileReader();
  reader.onload = () => item.prepend(h("img", { src: reader.result, alt: "" }));
  reader.readAsDataURL(file);
}
