// Instants as each reader sees them: Slack's dates in text, Discord's time stamps, and relative ones that go on ticking.

import { h } from "./dom.js";

const DAY = 86_400;
const UNITS = [["year", 365 * DAY], ["month", 30 * DAY], ["week", 7 * DAY], ["day", DAY], ["hour", 3600], ["minute", 60], ["second", 1]];
const SHORT = { hour: "numeric", minute: "2-digit" };
const DISCORD = {
  t: { timeStyle: "short" },
  T: { timeStyle: "medium" },
  d: { dateStyle: "short" },
  D: { dateStyle: "long" },
  f: { dateStyle: "long", timeStyle: "short" },
  F: { dateStyle: "full", timeStyle: "short" },
};
const SLACK = {
  date_num: { year: "numeric", month: "2-digit", day: "2-digit" },
  date: { year: "numeric", month: "long", day: "numeric" },
  date_short: { year: "numeric", month: "short", day: "numeric" },
  date_long: { dateStyle: "full" },
  time: SHORT,
  time_secs: { ...SHORT, second: "2-digit" },
};
let ticking = 0;

// The element for an instant; `shown` is what it reads. One that cannot be a time stays text.
function moment(seconds, shown, more = {}) {
  const at = new Date(seconds * 1000);
  if (Number.isNaN(at.getTime())) return h("span", {}, String(seconds));
  return h("time", { datetime: at.toISOString(), title: spoken(at, DISCORD.F), class: "moment", ...more }, shown(at));
}

// Discord's `<t:seconds:style>`.
export function discordMoment(seconds, style = "f") {
  if (style !== "R") return moment(seconds, (at) => spoken(at, DISCORD[style] ?? DISCORD.f));
  ticking ||= setInterval(tick, 1000);
  return moment(seconds, () => relative(seconds), { "data-relative": seconds });
}

// Slack's `<!date^seconds^format|fallback>`, in the reader's zone and language.
export function slackMoment(seconds, format, fallback) {
  if (!Number.isFinite(seconds) || !format) return h("span", {}, fallback ?? "");
  return moment(seconds, (at) => format.replace(/\{(\w+)\}/g, (whole, token) => slackToken(at, token) ?? whole));
}

function slackToken(at, token) {
  if (token === "ago") return relative(at.getTime() / 1000);
  const [, plain, pretty] = /^(\w+?)(_pretty)?$/.exec(token);
  if (!SLACK[plain]) return null;
  return (pretty && nearby(at)) || spoken(at, SLACK[plain]);
}

function nearby(at) {
  const midnight = (moment) => new Date(moment.getFullYear(), moment.getMonth(), moment.getDate()).getTime();
  const days = Math.round((midnight(at) - midnight(new Date())) / (DAY * 1000));
  return { "-1": "yesterday", 0: "today", 1: "tomorrow" }[days];
}

export function relative(seconds, now = Date.now() / 1000) {
  const left = seconds - now;
  const [unit, length] = UNITS.find(([, one]) => Math.abs(left) >= one) ?? UNITS.at(-1);
  return new Intl.RelativeTimeFormat(undefined, { numeric: "always" }).format(Math.trunc(left / length), unit);
}

function spoken(at, options) {
  return new Intl.DateTimeFormat(undefined, options).format(at);
}

function tick() {
  for (const element of document.querySelectorAll("time[data-relative]")) {
    const shown = relative(Number(element.dataset.relative));
    if (element.textContent !== shown) element.textContent = shown;
  }
}
