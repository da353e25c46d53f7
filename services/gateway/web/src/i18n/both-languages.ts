// Tests look at both languages.
import { loadLanguage } from "./i18n";

await loadLanguage("en");
