import { enNames } from "../en-names";

export const words = { ...enNames };
