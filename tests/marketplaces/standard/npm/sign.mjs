// Signs a shop's webhooks with the npm package `standardwebhooks`; its output is vectors.json.
import { readFileSync } from "node:fs";
import { Webhook } from "standardwebhooks";

const lock = JSON.parse(readFileSync(new URL("package-lock.json", import.meta.url)));
const version = lock.packages["node_modules/standardwebhooks"].version;
const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const moment = 1772436600; // 2026-03-02T07:30:00Z
const bodies = [
  { type: "order.placed", data: { id: "N-1", store: "101", lines: [{ sku: "100201", quantity: 2, price: "64.90" }] } },
  { type: "order.placed", data: { id: "Н-2", store: "101", comment: "зелёные бананы 🍌", lines: [{ sku: "200101", quantity: 0.5, unit: "kilogram", price: "129.90" }] } },
  { type: "order.cancelled", data: { id: "N-1", reason: "передумали" } },
];
const vectors = bodies.map((each, n) => {
  const [id, body] = [`msg_npm_${n}`, JSON.stringify(each)];
  return { id, timestamp: moment, body, signature: new Webhook(secret).sign(id, new Date(moment * 1000), body) };
});
console.log(JSON.stringify({ library: `standardwebhooks ${version} (npm)`, secret, vectors }, null, 1));
