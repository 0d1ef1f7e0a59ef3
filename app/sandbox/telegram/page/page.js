// Shows the feed and keeps it fresh: only what changed is touched, so nothing flickers.
"use strict";

const words = JSON.parse(document.body.dataset.words);
const language = document.body.dataset.language;
const at = (id) => document.getElementById(id);
const log = at("log");
const shown = new Map(); // message id -> {node, text}: what the open chat shows
const seen = new Map(); // chat id -> newest message id somebody has looked at
const waiting = new Map(); // query id -> pressed button
let state = { version: "", chats: [], presses: {} };
let open = null;

const clock = new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit" });
const calendar = new Intl.DateTimeFormat(language, { day: "numeric", month: "long" });

function make(tag, className, text) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text !== undefined) node.textContent = text;
  return node;
}

function initials(title) {
  return title.split(/[^\p{L}\p{N}]+/u).filter(Boolean).slice(0, 2).map((w) => w[0].toUpperCase()).join("");
}

function dress(avatar, chat) {
  const sum = [...chat.id].reduce((total, sign) => total + sign.charCodeAt(0), 0);
  avatar.style.setProperty("--hue", String((sum * 47) % 360));
  avatar.textContent = initials(chat.title);
}

function dayName(seconds) {
  const date = new Date(seconds * 1000);
  const days = Math.round((new Date().setHours(0, 0, 0, 0) - new Date(date).setHours(0, 0, 0, 0)) / 864e5);
  return days === 0 ? words.today : days === 1 ? words.yesterday : calendar.format(date);
}

// --- the list of chats ------------------------------------------------------------------------

function drawChats() {
  const list = at("chats");
  const nodes = state.chats.map((chat) => {
    const newest = chat.messages.at(-1);
    const fresh = chat.messages.filter((m) => m.bot && m.id > (seen.get(chat.id) ?? 0)).length;
    const button = make("button", "chat");
    button.type = "button";
    button.setAttribute("aria-current", String(chat.id === open));
    const avatar = make("span", "avatar");
    dress(avatar, chat);
    const time = make("time", "", newest ? clock.format(new Date(newest.date * 1000)) : "");
    const preview = make("span", "preview", newest ? `${newest.photo ? "🖼 " : ""}${newest.preview.split("\n")[0] || (newest.photo ? words.photo : "")}` : words.no_messages);
    button.append(avatar, make("span", "name", chat.title), time, preview);
    if (fresh && chat.id !== open) button.append(make("span", "count", String(fresh)));
    button.addEventListener("click", () => choose(chat.id));
    const item = make("li");
    item.append(button);
    return item;
  });
  const focused = [...list.children].findIndex((item) => item.contains(document.activeElement));
  list.replaceChildren(...nodes);
  if (focused >= 0) nodes[focused]?.firstChild.focus();
  document.body.classList.toggle("alone", state.chats.length < 2);
}

function choose(id) {
  open = id;
  shown.clear();
  log.replaceChildren();
  draw(true);
  log.scrollTop = log.scrollHeight;
}

// --- the open chat ----------------------------------------------------------------------------

function drawMessage(chat, message) {
  const node = make("article", message.bot ? "message" : "message mine");
  const bubble = make("div", "bubble");
  if (message.bot) {
    const author = make("div", "author", message.author);
    author.append(make("span", "tag", message.topic ? `${words.bot} · # ${message.topic}` : words.bot));
    bubble.append(author);
  } else {
    bubble.append(make("div", "author", message.author));
  }
  if (message.reply !== null) bubble.append(make("div", "reply", message.reply));
  if (message.photo) bubble.append(drawPhoto(chat, message));
  const body = make("div", "body");
  body.innerHTML = message.html; // made by the stand-in from known tags only
  bubble.append(body, drawMeta(message));
  node.append(bubble);
  if (message.keyboard.length) node.append(drawKeyboard(chat, message));
  return node;
}

function drawPhoto(chat, message) {
  const { width, height, gone } = message.photo;
  if (gone) return make("div", "photo gone", words.photo_gone);
  const link = make("a", "photo");
  const image = make("img");
  Object.assign(image, { src: `_photo/${chat.id}/${message.id}`, width, height, alt: message.preview || words.photo, loading: "lazy" });
  Object.assign(link, { href: image.src, target: "_blank", rel: "noreferrer noopener" });
  link.append(image);
  return link;
}

function drawMeta(message) {
  const moment = clock.format(new Date(message.date * 1000));
  const marks = [message.silent ? `🔕 ${words.silent}` : "", message.edited ? words.edited : "", moment];
  const meta = make("div", "meta", marks.filter(Boolean).join(" · "));
  if (message.edited) meta.title = `${words.edited} ${clock.format(new Date(message.edited * 1000))}`;
  return meta;
}

function drawKeyboard(chat, message) {
  const keyboard = make("div", "keyboard");
  message.keyboard.forEach((keys, row) => {
    const line = make("div", "row");
    keys.forEach((key, column) => {
      const button = make(key.url ? "a" : "button", "key", key.text);
      if (key.url) {
        const safe = /^(https?|tg):/i.test(key.url);
        button.textContent = `${key.text} ↗`;
        Object.assign(button, safe ? { href: key.url, target: "_blank", rel: "noreferrer noopener" } : {});
      } else {
        button.type = "button";
        button.addEventListener("click", () => press(button, chat.id, message.id, row, column));
      }
      line.append(button);
    });
    keyboard.append(line);
  });
  return keyboard;
}

function drawLog(chat, first) {
  const wanted = new Set();
  let previous = null;
  let place = log.firstChild;
  const put = (key, text, build) => {
    wanted.add(key);
    const old = shown.get(key);
    let node = old?.node;
    if (!old || old.text !== text) {
      node = build();
      if (!first) node.classList.add(old ? "changed" : "new");
      if (old) {
        if (place === old.node) place = node;
        old.node.replaceWith(node);
      }
      shown.set(key, { node, text });
    }
    if (node === place) place = place.nextSibling;
    else log.insertBefore(node, place);
  };
  for (const message of chat.messages) {
    const day = dayName(message.date);
    if (day !== previous) {
      put(`day ${day}`, day, () => {
        const line = make("div", "day");
        line.append(make("span", "", day));
        return line;
      });
    }
    previous = day;
    put(message.id, JSON.stringify(message), () => drawMessage(chat, message));
  }
  if (!chat.messages.length) {
    put("quiet", "", () => {
      const quiet = make("p", "quiet");
      quiet.append(make("span", "", words.empty));
      return quiet;
    });
  }
  for (const [key, { node }] of shown) {
    if (!wanted.has(key)) {
      node.remove();
      shown.delete(key);
    }
  }
}

function nearEnd() {
  return log.scrollHeight - log.scrollTop - log.clientHeight < 80;
}

function draw(first) {
  if (!state.chats.some((chat) => chat.id === open)) open = state.chats[0]?.id ?? null;
  const chat = state.chats.find((one) => one.id === open);
  if (!chat) return;
  const follow = first || nearEnd();
  at("title").textContent = chat.title;
  at("status").textContent = chat.blocked ? words.blocked : chat.migrated ? words.migrated : words.title;
  at("person").parentElement.hidden = chat.kind === "private"; // there it is always the same person
  dress(at("avatar"), chat);
  drawLog(chat, first);
  if (follow) seen.set(chat.id, chat.messages.at(-1)?.id ?? 0);
  drawChats(); // before scrolling: on a phone the list takes room from the chat
  if (follow) log.scrollTop = log.scrollHeight;
  at("latest").hidden = nearEnd();
}

// --- what people do ---------------------------------------------------------------------------

async function post(path, content) {
  const answer = await fetch(path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ ...content, person: Number(at("person").value) }),
  });
  const result = await answer.json();
  if (!answer.ok) throw new Error(result.error);
  return result;
}

async function press(button, chatId, messageId, row, column) {
  if (button.getAttribute("aria-busy") === "true") return;
  button.setAttribute("aria-busy", "true");
  try {
    const { query_id: query } = await post("_press", { chat_id: chatId, message_id: messageId, row, column });
    waiting.set(query, button);
    answerPresses();
    setTimeout(() => waiting.has(query) && settle(query, { text: words.no_answer, alert: false }), 12000);
  } catch (error) {
    button.removeAttribute("aria-busy");
    toast(error.message);
  }
}

function settle(query, answer) {
  waiting.get(query).removeAttribute("aria-busy");
  waiting.delete(query);
  if (!answer.text) return;
  if (!answer.alert) return toast(answer.text);
  at("alert-text").textContent = answer.text;
  at("alert").showModal();
}

function answerPresses() {
  for (const query of [...waiting.keys()]) {
    if (state.presses[query]) settle(query, state.presses[query]);
  }
}

let toastTimer = 0;
function toast(text) {
  const node = at("toast");
  node.textContent = text;
  node.hidden = false;
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => { node.hidden = true; }, 3500);
}

at("composer").addEventListener("submit", async (event) => {
  event.preventDefault();
  const field = at("text");
  const text = field.value.trim();
  if (!text || open === null) return;
  field.value = "";
  try {
    await post("_write", { chat_id: open, text });
    log.scrollTop = log.scrollHeight;
  } catch (error) {
    field.value = text;
    toast(error.message);
  }
});
at("latest").addEventListener("click", () => log.scrollTo({ top: log.scrollHeight, behavior: "smooth" }));
log.addEventListener("scroll", () => { at("latest").hidden = nearEnd(); }, { passive: true });
window.addEventListener("resize", () => { at("latest").hidden = nearEnd(); });

// --- the feed ---------------------------------------------------------------------------------

const pause = (milliseconds) => new Promise((wake) => setTimeout(wake, milliseconds));

async function follow() {
  let first = true;
  for (;;) {
    try {
      const answer = await fetch(`_feed?after=${state.version}`, { cache: "no-store" });
      if (!answer.ok) throw new Error(String(answer.status));
      const news = await answer.json();
      at("lost").hidden = true;
      if (news.version !== state.version) {
        state = news;
        draw(first);
        answerPresses();
        first = false;
      }
    } catch {
      at("lost").hidden = false;
      await pause(1500);
    }
    await pause(120); // many changes at once are drawn together
  }
}

follow();
