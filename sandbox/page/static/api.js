// The control API of one platform: its state, its events, and what people do in it.

export class Platform {
  constructor(name) {
    this.name = name;
  }

  async state() {
    const response = await fetch(`/${this.name}/_sandbox/state`);
    if (!response.ok) throw new Error(`${this.name} answers with status ${response.status}`);
    return response.json();
  }

  // Answers {ok, error?, …}; a server that is gone is an error like any other.
  async act(body) {
    try {
      const response = await fetch(`/${this.name}/_sandbox/do`, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify(body),
      });
      return await response.json();
    } catch (error) {
      return { ok: false, error: `the sandbox does not answer (${error.message})` };
    }
  }

  // Gives the state first, then every event in order; after a broken connection the state again.
  watch({ onState, onEvent, onLost }) {
    const source = new EventSource(`/${this.name}/_sandbox/events`);
    let waiting = null;
    source.onopen = async () => {
      waiting = [];
      const early = waiting;
      try {
        onState(await this.state());
      } catch {
        onLost();
        return;
      }
      if (waiting !== early) return;
      waiting = null;
      early.forEach(onEvent);
    };
    source.onmessage = (message) => {
      const event = JSON.parse(message.data);
      if (waiting) waiting.push(event);
      else onEvent(event);
    };
    source.onerror = onLost;
  }
}
