// The steps of the guided tour: what each says, does, and asks one to look at. What is done is done by a Guide.

import { pause } from "./guide.js";
import { post } from "./sandbox.js";

const PIRATE = "You are a pirate. You answer in a pirate's voice, briefly, and never step out of it.";
const GREETING = "Ahoy! Ask me anything.";
const ENOUGH = 300;

export const STEPS = [
  {
    name: "ask",
    title: "Ask in a channel",
    before: "Bob mentions Parley in #general. The reply is one message, edited in place while the model writes.",
    after: "On the right: the event came in, became a turn, the model was given the question, and the reply was posted once and edited as often as the platform allows.",
    async run(guide) {
      guide.be("bob");
      await ask(guide, "what is a lease, and why has each turn one?");
    },
  },
  {
    name: "persona",
    title: "Make a persona",
    before: "Ann, an admin, makes a persona with a prompt of its own and lets it answer in #help. Then Bob asks there.",
    after: "Under “The model is asked”, the system message is now the pirate's. Each channel, thread or the whole workspace can have its own, with its own model, tools and limits.",
    async run(guide) {
      guide.be("ann");
      guide.go("help");
      await guide.say("/persona create Pirate");
      await guide.fill({ name: "Pirate", description: "Talks like one", prompt: PIRATE, welcome: GREETING });
      await guide.say("/persona use here Pirate");
      await pause(1000);
      guide.be("bob");
      await ask(guide, "where is the treasure?", "help");
    },
  },
  {
    name: "quota",
    title: "Run into a quota",
    before: "Ann allows Cleo one request a day. Cleo asks twice.",
    after: "The second question is refused in private, with the limit and when it is over; the model was not asked. Limits count requests, tokens or money, for people, roles, channels or everybody.",
    async run(guide) {
      guide.be("ann");
      guide.go("general");
      await guide.say("/quota set 1 requests day user @cleo");
      await pause(1000);
      guide.be("cleo");
      await ask(guide, "what may I ask?");
      guide.go("general");
      await ask(guide, "and once more?", "general", { refused: true });
      // Discord knows no private words in a channel, so they come as a direct message.
      if (guide.pane.platform === "discord") guide.go("dm");
    },
  },
  {
    name: "tutor",
    title: "Start a tutoring session",
    before: "Ann wants to learn percentages. In a direct message she begins a session with /tutor start and fills in a form.",
    after: "The tutor plans, asks one question at a time, grades by a key that the model cannot change, gives hints in steps, and repeats what is due. Answer it: type a number, or press a button.",
    async run(guide) {
      guide.be("ann");
      guide.go("dm");
      const turn = await guide.turnOf(async () => {
        await guide.say("/tutor start percentages");
        await guide.fill({ topic: "percentages" });
      });
      await guide.ended(turn);
    },
  },
  {
    name: "kill",
    title: "Kill it in mid-reply",
    before: "Bob asks for something long. In the middle of the answer Parley is killed, as by a power cut. Then it is started again.",
    after: "The same message was taken up and finished, once. Nothing was lost, and nobody had to ask again: on the right the turn has a second attempt.",
    async run(guide, { state, say }) {
      guide.be("bob");
      await kill(guide, state, say);
    },
  },
];

// Asks in a channel, shows the answer where it comes, and waits for its end.
async function ask(guide, question, channel = "general", { refused = false } = {}) {
  const place = guide.go(channel);
  const follow = await guide.followThread(place);
  const turn = await guide.turnOf(() => guide.say(`${guide.bot} ${question}`));
  if (!refused) await follow();
  await guide.ended(turn);
}

async function kill(guide, state, say) {
  const place = guide.go("general");
  const follow = await guide.followThread(place);
  const turn = await guide.turnOf(() => guide.say(`${guide.bot} tell me something long`));
  await follow();
  await guide.until(() => longest(guide) > ENOUGH, 60, "No reply is growing.");
  await post("/_sandbox/kill-bot");
  await guide.until(() => state().bot?.state === "killed", 10, "Parley was not killed.");
  say("Parley is dead. What it wrote so far stands there.");
  await pause(3000);
  say("It is started again …");
  await post("/_sandbox/restart-bot");
  await guide.ended(turn, 120);
}

// The length of the newest message of the bot where one is.
function longest(guide) {
  const { world, channel, person } = guide.pane;
  const own = world.messagesIn(channel, person).filter((message) => message.author.bot);
  return own.at(-1)?.text?.length ?? 0;
}
