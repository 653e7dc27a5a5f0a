// Pictures and files in messages. A picture of this machine is shown; one from elsewhere is named, because the page
// loads nothing from the internet.

import { h, link } from "./dom.js";

const SHOWN = new Set(["image/png", "image/jpeg", "image/gif", "image/webp"]);
const INLINE = /^data:image\/(png|jpeg|gif|webp);/i;

// `files` finds pictures that are named as an attachment of the same message.
export function picture(address, alt, files = () => null, more = {}) {
  const [, attached] = /^attachment:\/\/(.+)$/.exec(address ?? "") ?? [];
  const source = attached ? files(attached) : own(address ?? "");
  if (source) return h("img", { src: source, alt: alt ?? "", loading: "lazy", ...more });
  return h("span", { class: "elsewhere small" }, "Picture: ", link(address ?? "", alt || address || "no address"));
}

function own(address) {
  if (INLINE.test(address)) return address;
  try {
    const place = new URL(address, location.href);
    const here = place.origin === location.origin || (isLocal(place.hostname) && isLocal(location.hostname) && place.port === location.port);
    return here ? place.pathname + place.search : null;
  } catch {
    return null;
  }
}

function isLocal(host) {
  return host === "127.0.0.1" || host === "localhost";
}

// Where the sandbox serves a file of a message.
export function addressOf(platform, file) {
  return `/${platform}/_sandbox/files/${encodeURIComponent(file.id)}/${encodeURIComponent(file.filename ?? file.name ?? "file")}`;
}

export function filesOf(message) {
  const attached = message.attachments?.[0]?.filename !== undefined ? message.attachments : [];
  return [...(message.files ?? []), ...attached].map((file) => (typeof file === "string" ? { name: file } : file));
}

// The files under a message, or nothing.
export function attached(message, platform) {
  const files = filesOf(message);
  return files.length ? h("ul", { class: "files", "data-key": "files", "aria-label": "Files" }, files.map((file) => h("li", {}, shown(file, platform)))) : null;
}

function shown(file, platform) {
  const name = file.filename ?? file.name;
  if (file.mode === "tombstone") return h("span", { class: "small" }, "This file was deleted.");
  if (!name) return h("span", { class: "small" }, "A file of another workspace");
  if (!file.id) return h("span", { class: "file" }, name);
  const address = addressOf(platform, file);
  const type = file.content_type ?? file.mimetype ?? "";
  if (SHOWN.has(type)) {
    const image = h("img", { src: address, alt: file.description || name, loading: "lazy" });
    return h("figure", {}, h("a", { href: address, target: "_blank", rel: "noopener" }, image), h("figcaption", { class: "small" }, name));
  }
  return h("a", { class: "file", href: address, download: name }, h("span", {}, name), h("span", { class: "small" }, [sized(file.size), kindOf(name)].filter(Boolean).join(" · ")));
}

function kindOf(name) {
  const [, ending] = /\.(\w{1,6})$/.exec(name) ?? [];
  return ending?.toUpperCase();
}

export function sized(bytes) {
  if (!Number.isFinite(bytes)) return "";
  if (bytes < 1024) return `${bytes} ${bytes === 1 ? "byte" : "bytes"}`;
  return bytes < 1024 ** 2 ? `${(bytes / 1024).toFixed(1)} KB` : `${(bytes / 1024 ** 2).toFixed(1)} MB`;
}
