// What happens inside, in the order in which it happens: events come in, turns are worked off, the model is asked,
// the platforms are called. And above them the switches with which things are made to go wrong.

import { Arrivals } from "./arrivals.js";
import { Asked } from "./asked.js";
import { Calls } from "./calls.js";
import { h } from "./dom.js";
import { Switches } from "./switches.js";
import { Turns } from "./turns.js";

export class Inside {
  // `nameOf(platform, channel)` is a channel's name, where it is known.
  constructor(root, { nameOf }) {
    this.switches = new Switches();
    this.arrivals = new Arrivals();
    this.turns = new Turns(nameOf);
    this.asked = new Asked();
    this.calls = new Calls(nameOf);
    root.append(
      h("h2", {}, "What happens inside"),
      this.switches.element,
      this.arrivals.element,
      this.turns.element,
      this.asked.element,
      this.calls.element,
    );
  }

  // Everything that the sandbox remembers is about to come.
  begin() {
    this.turns.clear();
    this.asked.clear();
  }

  onState(state) {
    this.switches.show(state);
    this.asked.show(state);
  }

  onSandbox(event) {
    if (event.type === "turn") this.turns.put(event.turn);
    else if (event.type === "asked" || event.type === "answered") this.asked.put(event);
  }

  onPlatform(platform, event) {
    if (event.type === "call") this.calls.add(platform, event);
    else if (event.type === "event") this.arrivals.add(platform, event);
  }
}
