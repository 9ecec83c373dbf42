// Clicks, sent to the storefront in the terms of User Behaviour Insights, where it was started to keep them.
import { post } from "./api.js";

let client = null;

/** A name for this tab alone: it says which searches and clicks belong together, and nothing about who makes them. */
export function clientId() {
  client ??= sessionStorage.getItem("client") ?? randomName();
  sessionStorage.setItem("client", client);
  return client;
}

/** 128 random bits; `crypto.randomUUID` does not exist for a storefront that is reached by plain http. */
function randomName() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

export function reportClick(shop, page, hit, column, more = {}) {
  if (!shop.ubi) return;
  const event = {
    action_name: "click",
    query_id: page.query_id ?? null,
    client_id: clientId(),
    timestamp: new Date().toISOString(),
    user_query: page.query,
    event_attributes: {
      object: { object_id: hit.id, object_id_field: "_id" },
      position: { ordinal: hit.rank },
      column,
      ...more,
    },
  };
  // a click that can't be sent must not keep anybody from what was clicked
  post("/api/events", event).catch(() => undefined);
}
