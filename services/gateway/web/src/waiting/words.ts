import type { PageWanted } from "../tables/every-row";

/** The read model of what waits. */
export const WAITING = "waiting";

export const FIRST: PageWanted = { size: 200, token: "" };
