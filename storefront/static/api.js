// The server's answers, and what went wrong in a form that the page can say.

export class Trouble extends Error {
  /** `kind` is the API's (`bad_request`, `engine_unreachable`, ...), or `unreachable` where the storefront is gone. */
  constructor(kind, message) {
    super(message);
    this.kind = kind;
  }
}

export async function get(path, parameters = {}, signal = undefined) {
  return request(path + query(parameters), { signal });
}

export async function post(path, body) {
  const headers = { "Content-Type": "application/json" };
  return request(path, { method: "POST", headers, body: JSON.stringify(body) });
}

/** Parameters as they stand in an address; lists are repeated, empty ones left out. */
export function query(parameters) {
  const address = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    if (Array.isArray(value)) value.forEach((part) => address.append(name, part));
    else if (value !== "" && value !== null && value !== undefined) address.set(name, value);
  }
  const text = address.toString();
  return text ? `?${text}` : "";
}

async function request(address, options) {
  let reply;
  try {
    reply = await fetch(address, options);
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Trouble("unreachable", "Is it still running, and is the network there?");
  }
  const answer = await reply.json().catch(() => null);
  if (reply.ok && answer !== null) return answer;
  const { kind = "internal", message = `The storefront answered ${reply.status}.` } = answer?.error ?? {};
  throw new Trouble(kind, message);
}
