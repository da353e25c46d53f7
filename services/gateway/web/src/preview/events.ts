// The events of the made-up brand for auditors.
import type { ListEventsRequest } from "../gen/qudao/history/v1/history_service_pb";
import { stateOf } from "./rows";
import type { World } from "./world";

export const STORY = "0f4c6f2e-6a1b-4a55-9c70-6a8b0de1a001";
const REQUEST = "99d007e1-6972-5364-b6e9-acb257ec7b80";

function all(world: World) {
  const entries = world.orders.flatMap((order) => order.events.map((event, i) => stateOf(world, order, event, i)));
  return entries.sort((a, b) => b.event.recordedAt.localeCompare(a.event.recordedAt));
}

export function eventRows(world: World, request: ListEventsRequest) {
  const { object, actorId, eventTypes, page } = request;
  const found = all(world).filter(
    ({ event }) =>
      (!object || object.endsWith(event.objectId)) &&
      (!actorId || actorId === event.origin.actorId) &&
      (eventTypes.length === 0 || eventTypes.includes(event.eventType)),
  );
  const first = Number(page?.token || "0");
  const next = first + (page?.size ?? 50);
  return {
    entries: found.slice(first, next),
    nextToken: next < found.length ? String(next) : "",
    indexed: [{ context: "order", position: world.position }],
  };
}

/** A request, what came of it, and what came of that. */
export function storyRows(world: World) {
  const entries = all(world).slice(0, 3).reverse();
  const events = entries.map(({ event, sentenceZh, sentenceEn }, i) => ({
    id: event.eventId,
    parentId: entries[i - 1]?.event.eventId ?? REQUEST,
    depth: i + 1,
    event,
    sentenceZh,
    sentenceEn,
  }));
  return [{ id: REQUEST, parentId: "", depth: 0, sentenceZh: "", sentenceEn: "" }, ...events];
}
