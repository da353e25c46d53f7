import { lazy } from "react";
import { withAllWords } from "../i18n/words";

/** Files come with headers in any language. */
export const ImportDialog = lazy(withAllWords(() => import("./import-dialog"), "shell", "trade", "money", "rules"));
