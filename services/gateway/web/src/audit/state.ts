// The whole state of the event search is its URL.
import { instantOf } from "../format/time";
import { PAGE_SIZE } from "../ui/page-size";

export const FILTERS = ["object", "actor", "story", "type", "context", "from", "to"] as const;

export type Filter = (typeof FILTERS)[number];

export const FIRST_PAGE = { page: "", token: "" };

export function isFiltered(params: URLSearchParams): boolean {
  return FILTERS.some((name) => params.get(name));
}

const UUID = /^[0-9a-f]{8}(-?[0-9a-f]{4}){3}-?[0-9a-f]{12}$/i;

/** A correlation id that is none finds nothing; one can say so without asking. */
export function isStory(text: string): boolean {
  return text === "" || UUID.test(text);
}

/** A parameter that holds several values. */
export function listOf(params: URLSearchParams, name: string): string[] {
  return (params.get(name) ?? "").split(",").filter(Boolean);
}

/** What to ask for; times are those of the tenant's clocks. */
export function requestOf(params: URLSearchParams, timeZone: string) {
  const text = (name: string) => (params.get(name) ?? "").trim();
  return {
    object: text("object"),
    actorId: text("actor"),
    correlationId: text("story"),
    eventTypes: listOf(params, "type"),
    contexts: listOf(params, "context"),
    fromTime: instantOf(text("from"), timeZone),
    toTime: instantOf(text("to"), timeZone),
    page: { size: PAGE_SIZE, token: text("token") },
  };
}
