// What the sandbox itself offers beside the platforms: its state, what happens inside, and what one can do to it.

// Answers {ok, error?}; `gone` where nobody answers at all.
export async function post(path, body = {}) {
  try {
    const response = await fetch(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
    return await response.json();
  } catch (error) {
    return { ok: false, gone: true, error: `The sandbox does not answer (${error.message}).` };
  }
}

// After each connection everything that is remembered comes anew, so what was shown before is forgotten.
export function watchSandbox({ onState, onBegin, onEvent, onLost }) {
  const source = new EventSource("/_sandbox/events");
  source.onopen = onBegin;
  source.onmessage = (message) => {
    const event = JSON.parse(message.data);
    if (event.type === "state") onState(event);
    else onEvent(event);
  };
  source.onerror = onLost;
}
