import { zhNames } from "../zh-names";

export const words = { ...zhNames };
