import { zhIdentity } from "../zh-identity";
import { zhShell } from "../zh-shell";

export const words = { ...zhShell, ...zhIdentity };
