// All words; pages are fetched with their own (see words.ts).
import { words as mall } from "./areas/zh-mall";
import { words as money } from "./areas/zh-money";
import { words as names } from "./areas/zh-names";
import { words as office } from "./areas/zh-office";
import { words as rules } from "./areas/zh-rules";
import { words as shell } from "./areas/zh-shell";
import { words as trade } from "./areas/zh-trade";

export const zh = { ...shell, ...trade, ...money, ...rules, ...office, ...names, ...mall };
