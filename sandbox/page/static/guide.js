// Does on one platform what a person would do by hand, so that one can watch: chooses who one is, goes to a channel,
// types, sends, fills in forms, and waits for what follows.

const LOOK = 100;
const READ = 1200;
const ENDED = new Set(["done", "failed", "cancelled", "refused"]);

export class Astray extends Error {}

export class Guide {
  constructor(pane, inside) {
    this.pane = pane;
    this.inside = inside;
  }

  get bot() {
    return `@${this.pane.world.botName()}`;
  }

  be(name) {
    const person = this.pane.world.humans().find((one) => one.name.toLowerCase() === name);
    if (!person) throw new Astray(`Nobody is called ${name} here.`);
    this.pane.select.value = person.id;
    this.pane.become(person.id);
  }

  go(name) {
    const channel = this.pane.world.channelsOf(this.pane.person).find((one) => (name === "dm" ? one.kind === "dm" : one.kind === "channel" && one.name === name));
    if (!channel) throw new Astray(`There is no ${name} here.`);
    this.pane.open(channel.id);
    return channel.id;
  }

  // Sent as if typed; the text stands in the field for a moment, for whoever wants to read it.
  async say(text) {
    const { composer } = this.pane;
    composer.setContext(null, text);
    await pause(READ);
    composer.element.requestSubmit();
    await pause(2 * LOOK);
    if (!composer.error.hidden) throw new Astray(composer.error.textContent);
  }

  // The form that opens is filled in by the ends of its fields' names, and sent. One that is refused is closed again.
  async fill(values) {
    const { element, cancel, error } = this.pane.forms;
    await this.until(() => element.open, 10, "No form opened.");
    for (const [name, value] of Object.entries(values)) {
      const field = [...element.querySelectorAll("[data-field]")].find((one) => one.dataset.field.split(":").at(-1) === name);
      if (field) field.value = value;
    }
    await pause(2 * READ);
    element.querySelector("form").requestSubmit();
    await this.until(() => !element.open || !error.hidden, 10, "The form was not taken.");
    if (element.open) cancel.click();
  }

  // What happens because of `act`: the turn that begins then.
  async turnOf(act, seconds = 20) {
    const before = this.inside.turns.last;
    await act();
    await this.until(() => this.inside.turns.last > before, seconds, "Parley began no turn.");
    return this.inside.turns.last;
  }

  ended(turn, seconds = 90) {
    return this.until(() => ENDED.has(this.inside.turns.get(turn)?.state), seconds, "The turn has not ended.");
  }

  // On Discord an answer to a mention opens a thread: one goes there to read it.
  async followThread(channel) {
    const { world } = this.pane;
    const known = new Set(world.channels.keys());
    return async () => {
      if (this.pane.platform !== "discord") return;
      const fresh = () => [...world.channels.values()].find((one) => one.kind === "thread" && one.parent === channel && !known.has(one.id));
      await this.until(fresh, 20, "No thread was opened.");
      this.pane.open(fresh().id);
    };
  }

  // True once; Astray with that sentence when it took longer.
  async until(holds, seconds, sentence) {
    const end = performance.now() + seconds * 1000;
    while (!holds()) {
      if (performance.now() > end) throw new Astray(sentence);
      await pause(LOOK);
    }
  }
}

export function pause(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
