export interface Sent {
  body: string;
  requestId: string;
}

/**
 * The id a body goes out under: a repeat of the same body keeps its id, so that it is answered
 * and not done again; another body is another request.
 */
export function requestIdFor(sent: Sent | undefined, body: string): Sent {
  return sent?.body === body ? sent : { body, requestId: crypto.randomUUID() };
}
