// Tests look at both languages, and at what every page says.
import { loadLanguage, loadWords } from "./words";

await Promise.all([loadLanguage("zh-CN"), loadLanguage("en")]);
await loadWords("trade", "money", "rules", "office", "names", "mall");
