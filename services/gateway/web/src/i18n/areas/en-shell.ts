import { enIdentity } from "../en-identity";
import { enShell } from "../en-shell";

export const words = { ...enShell, ...enIdentity };
