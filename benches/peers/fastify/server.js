// A service of the usual kind: Fastify in front, better-sqlite3 behind. It does what ours does with
// one SMS of an in-the-answer gateway: finds the place, writes five rows in one durable transaction
// (message, contact, conversation, reply, event) and answers with the reply's text.
//
// node server.js PORT DATABASE PLACES.csv

import { readFileSync } from "node:fs";
import { randomUUID } from "node:crypto";
import Database from "better-sqlite3";
import fastify from "fastify";

const [port, file, placesFile] = process.argv.slice(2);

const fold = (text) =>
  text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase().trim().replace(/\s+/g, " ");

// Names to places: the first cell is the key, the name follows; the whole name finds it.
const places = new Map();
for (const line of readFileSync(placesFile, "utf8").split("\n").slice(1)) {
  const [key, , name] = line.split(",");
  if (key && name) places.set(fold(name), { key, name });
}

const db = new Database(file);
db.pragma("journal_mode = WAL");
db.pragma("synchronous = FULL");
db.pragma("foreign_keys = ON");
db.pragma("busy_timeout = 5000");
db.exec(`
  CREATE TABLE IF NOT EXISTS contacts (
    id INTEGER PRIMARY KEY, channel TEXT NOT NULL, address TEXT NOT NULL, created_at INTEGER NOT NULL,
    last_message_at INTEGER NOT NULL, UNIQUE (channel, address)) STRICT;
  CREATE TABLE IF NOT EXISTS conversations (
    contact_id INTEGER PRIMARY KEY REFERENCES contacts (id), state TEXT NOT NULL,
    version INTEGER NOT NULL, updated_at INTEGER NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS inbox (
    id INTEGER PRIMARY KEY, channel TEXT NOT NULL, external_id TEXT NOT NULL,
    contact_id INTEGER NOT NULL REFERENCES contacts (id), text TEXT NOT NULL,
    received_at INTEGER NOT NULL, UNIQUE (channel, external_id)) STRICT;
  CREATE TABLE IF NOT EXISTS outbox (
    id INTEGER PRIMARY KEY, token TEXT NOT NULL, inbox_id INTEGER NOT NULL REFERENCES inbox (id),
    contact_id INTEGER NOT NULL REFERENCES contacts (id), body TEXT NOT NULL, state TEXT NOT NULL,
    created_at INTEGER NOT NULL, UNIQUE (inbox_id)) STRICT;
  CREATE TABLE IF NOT EXISTS events (
    id INTEGER PRIMARY KEY, kind TEXT NOT NULL, inbox_id INTEGER NOT NULL REFERENCES inbox (id),
    created_at INTEGER NOT NULL) STRICT;
`);

const seen = db.prepare(
  "SELECT o.body FROM inbox i JOIN outbox o ON o.inbox_id = i.id WHERE i.channel = ? AND i.external_id = ?",
);
const contact = db.prepare(
  `INSERT INTO contacts (channel, address, created_at, last_message_at) VALUES (?, ?, ?, ?)
   ON CONFLICT (channel, address) DO UPDATE SET last_message_at = excluded.last_message_at RETURNING id`,
);
const conversation = db.prepare("SELECT state FROM conversations WHERE contact_id = ?");
const inbound = db.prepare(
  "INSERT INTO inbox (channel, external_id, contact_id, text, received_at) VALUES (?, ?, ?, ?, ?)",
);
const remember = db.prepare(
  `INSERT INTO conversations (contact_id, state, version, updated_at) VALUES (?, ?, 1, ?)
   ON CONFLICT (contact_id) DO UPDATE SET state = excluded.state, version = version + 1,
   updated_at = excluded.updated_at`,
);
const outbound = db.prepare(
  `INSERT INTO outbox (token, inbox_id, contact_id, body, state, created_at)
   VALUES (?, ?, ?, ?, 'dispatched', ?)`,
);
const event = db.prepare("INSERT INTO events (kind, inbox_id, created_at) VALUES ('message_handled', ?, ?)");

function reply(state, text) {
  const place = places.get(fold(text)) ?? state.place;
  if (!place) return [state, "No encontramos ese lugar. Escribe el nombre de tu municipio."];
  return [
    { place, turns: (state.turns ?? 0) + 1 },
    `${place.name}: escribe AGUA, LUZ, COMIDA o ESCUELA para comparar con municipios parecidos. Fuente: INEGI 2020.`,
  ];
}

const handle = db.transaction((channel, id, from, text) => {
  const again = seen.get(channel, id);
  if (again) return again.body;
  const now = Date.now();
  const { id: who } = contact.get(channel, from, now, now);
  const stored = conversation.get(who);
  const [state, body] = reply(stored ? JSON.parse(stored.state) : {}, text);
  const message = inbound.run(channel, id, who, text, now).lastInsertRowid;
  remember.run(who, JSON.stringify(state), now);
  outbound.run(randomUUID(), message, who, body, now);
  event.run(message, now);
  return body;
});

const app = fastify({ logger: false });
const query = {
  type: "object",
  required: ["from", "id", "text"],
  properties: { from: { type: "string" }, id: { type: "string" }, text: { type: "string" }, key: { type: "string" } },
};
app.get("/webhooks/sms/:channel", { schema: { querystring: query } }, (request, answer) => {
  const { from, id, text } = request.query;
  answer.type("text/plain; charset=UTF-8").send(handle.immediate(request.params.channel, id, from, text));
});
await app.listen({ port: Number(port), host: "127.0.0.1" });
