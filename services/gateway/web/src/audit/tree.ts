import type { CausationNode } from "../gen/qudao/history/v1/history_service_pb";

/** A request or an event, with all that it caused. */
export interface Branch {
  node: CausationNode;
  effects: Branch[];
}

/** Puts each node below its cause. A cause that was left out makes its effects roots. */
export function treeOf(nodes: CausationNode[]): Branch[] {
  const roots: Branch[] = [];
  const known = new Map<string, Branch>();
  for (const node of nodes) {
    const branch = { node, effects: [] };
    known.set(node.id, branch);
    (known.get(node.parentId)?.effects ?? roots).push(branch);
  }
  return roots;
}

/** Number of events, and milliseconds from the first to the last. */
export function spanOf(nodes: CausationNode[]): { events: number; millis: number } {
  const times = nodes.flatMap(({ event }) => (event ? [Date.parse(event.recordedAt)] : []));
  if (times.length === 0) return { events: 0, millis: 0 };
  return { events: times.length, millis: Math.max(...times) - Math.min(...times) };
}
