// What is clicked, told to the storefront in the terms of User Behaviour Insights, where it was started to keep them.
import { post } from "./api.js";

let client = null;

/** A name for this tab alone: it says which clicks belong together, and nothing about who clicks. */
function clientId() {
  client ??= sessionStorage.getItem("client") ?? crypto.randomUUID();
  sessionStorage.setItem("client", client);
  return client;
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
