// What is clicked, told to the storefront in the terms of User Behaviour Insights, where it was started to keep them.
import { post } from "./api.js";

let client = null;

/** A name for this tab alone: it says which searches and clicks belong together, and nothing about who makes them. */
export function clientId() {
  client ??= sessionStorage.getItem("client") ?? drawn();
  sessionStorage.setItem("client", client);
  return client;
}

/** 128 random bits; `crypto.randomUUID` is not there for a storefront that is reached by plain http. */
function drawn() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

export function clicked(shop, page, hit, column, more = {}) {
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
  // a click that can't be told must not keep anybody from what was clicked
  post("/api/events", event).catch(() => undefined);
}
