// Regions as a tree of choices.
import type { Regions } from "../cockpit/use-regions";

interface Node {
  value: string;
  title: string;
  children: Node[];
}

/** The regions below one. What takes nothing new is offered to those who have it already. */
export function nodesBelow(regions: Regions, id: string, chosen: string[]): Node[] {
  const offered = regions.childrenOf(id).filter((child) => !child.retired || chosen.includes(child.regionId));
  return offered.map(({ regionId, name }) => ({ value: regionId, title: name, children: nodesBelow(regions, regionId, chosen) }));
}
